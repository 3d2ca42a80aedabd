import { findServer } from '@switchboard/testing/servers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { account } from './account.ts'
import { across } from './across.ts'
import { type Console, openConsole } from './house.ts'
import { lines } from './lines.ts'
import { page } from './page.ts'
import { talk } from './talk.ts'

/**
 * The browser notes each answer that refuses, of a room that nobody was ever in, of a wrong password, and each
 * connection that was cut.
 */
const isExpected = (complaint: string) =>
  /status of (404 .*\/(api\/v1\/rooms|assets)\/[^/]+|401 .*\/api\/v1\/login)\)$|net::ERR_(?!BLOCKED)/.test(
    complaint,
  )

describe.skipIf(findServer('chromium') === undefined)('the console', () => {
  let house: Console

  beforeAll(async () => {
    house = await openConsole()
  })
  afterEach(() => house.chromium.closePages())
  afterAll(() => house?.[Symbol.asyncDispose]())

  for (const part of [page, account, talk, lines, across]) part(() => house)

  // Last: it looks at all that the tests above did.
  test('no page ever breached its policy, complained on its console, or asked anybody else', () => {
    const { complaints, requested } = house.chromium
    expect(complaints.filter((one) => !isExpected(one))).toEqual([])
    expect(requested.length).toBeGreaterThan(0)
    expect(requested.filter((url) => !url.startsWith('http://127.0.0.1:'))).toEqual([])
  })
})
