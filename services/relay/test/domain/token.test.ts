import { randomBytes } from 'node:crypto'
import { checker } from '@switchboard/protocol/decode'
import { Token } from '@switchboard/protocol/relay'
import { expect, test } from 'vitest'
import { newToken } from '../../src/domain/token.ts'

test('a token is what the wire says', () => {
  for (let made = 0; made < 100; made++)
    expect(checker(Token)(newToken(randomBytes))).toMatchObject({ ok: true })
})

test('every character is as likely as any other', () => {
  // Each byte once: those from 252 on would give the first four characters more than their share.
  let next = 0
  const seen = new Map<string, number>()
  const bytes = (count: number) => Uint8Array.from({ length: count }, () => next++ % 256)
  for (let made = 0; made < 252; made++)
    for (const character of newToken(bytes)) seen.set(character, (seen.get(character) ?? 0) + 1)
  expect(seen.size).toBe(36)
  const counts = [...seen.values()]
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(28)
})
