import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import * as channels from '../src/channels.ts'
import * as chat from '../src/chat.ts'
import * as ide from '../src/ide.ts'
import * as nemesis from '../src/nemesis.ts'
import * as presence from '../src/presence.ts'
import * as relay from '../src/relay.ts'

const readable = (_key: string, value: unknown): unknown => (value instanceof RegExp ? value.source : value)

/** Everything that a wire's file exports but its functions: schemas as JSON Schema, limits, delimiters, codes. */
function fingerprint(wire: Record<string, unknown>): string {
  const values = Object.entries(wire).filter(([, value]) => typeof value !== 'function')
  const text = JSON.stringify(
    values.sort(([a], [b]) => (a < b ? -1 : 1)),
    readable,
  )
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

// A change here is a change of what clients must speak: it needs a reason, the spec page, and often a new version.
test.each([
  ['ide', ide, '112a397ff75bfa76'],
  ['chat', chat, 'bbe74a49dc41c9fb'],
  ['relay', relay, '4e0f997b19ba39f2'],
  ['channels', channels, '44359c2c24abd6c3'],
  ['nemesis', nemesis, 'fa0f1aa98873a058'],
  ['presence', presence, 'fbf0cf8df106493c'],
])('the wire of %s changes on purpose only', (_name, wire, hash) => {
  expect(fingerprint(wire)).toBe(hash)
})
