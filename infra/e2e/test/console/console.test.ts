import { findServer } from '@switchboard/testing/servers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { account } from './account.ts'
import { across } from './across.ts'
import { college } from './college.ts'
import { type Console, openConsole } from './house.ts'
import { lines } from './lines.ts'
import { page } from './page.ts'
import { repos } from './repos.ts'
import { rooms } from './rooms.ts'
import { status } from './status.ts'
import { talk } from './talk.ts'

/**
 * The browser notes each answer that refuses: of a room that nobody was ever in, of a wrong password, of what a team leader
 * may not ask, of a registration that cannot be approved, of a repo's address that is none and a name that nobody has; and
 * each connection that was cut.
 */
const EXPECTED = [
  /status of 404 .*\/(api\/v1\/rooms|assets)\/[^/]+\)$/,
  /status of 401 .*\/api\/v1\/login\)$/,
  /status of 403 .*\/userman\/audit\?count=1\)$/,
  /status of (409|503) .*\/userman\/registrations\/\d+\/approve\)$/,
  /status of (400 .*\/api\/v1\/repos|404 .*\/api\/v1\/repos\/[\w-]+\/members)\)$/,
  /status of 403 .*\/(auth|api\/v1\/rooms\/[^/]+\/links)\)$/,
  /net::ERR_(?!BLOCKED)/,
]
const isExpected = (complaint: string) => EXPECTED.some((one) => one.test(complaint))

describe.skipIf(findServer('chromium') === undefined)('the console', () => {
  let house: Console

  beforeAll(async () => {
    house = await openConsole()
  })
  afterEach(() => house.chromium.closePages())
  afterAll(() => house?.[Symbol.asyncDispose]())

  for (const part of [page, account, talk, rooms, lines, across, college, repos, status]) part(() => house)

  // Last: it looks at all that the tests above did.
  test('no page ever breached its policy, complained on its console, or asked anybody else', () => {
    const { complaints, requested } = house.chromium
    expect(complaints.filter((one) => !isExpected(one))).toEqual([])
    expect(requested.length).toBeGreaterThan(0)
    expect(requested.filter((url) => !url.startsWith('http://127.0.0.1:'))).toEqual([])
  })
})
