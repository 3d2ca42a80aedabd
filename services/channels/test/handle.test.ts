import { decodeDown, decodeUp, type Up } from '@switchboard/protocol/channels'
import { nameKey } from '@switchboard/protocol/names'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { admission } from '../src/domain/admission.ts'
import { handle } from '../src/domain/handle.ts'

const speaker = { nick: { name: 'Bob', key: 'bob' }, channels: new Set(['here', '__proto__']) }
const raw = fc.oneof(
  fc.constantFrom('here', '#here', '##here', '#__proto__', '#elsewhere', 'Bob', 'BOB'),
  fc.string({ unit: 'binary' }),
)
const up: fc.Arbitrary<Up> = fc.oneof(
  fc.record({ type: fc.constant(0 as const), dest: raw, message: raw }),
  fc.record({ type: fc.constant(1 as const), password: raw }),
  fc.record({ type: fc.constant(2 as const), user: raw }),
  fc.record({ type: fc.constant(3 as const) }),
  fc.record({ type: fc.constant(4 as const), channel: raw }),
  fc.record({ type: fc.constant(5 as const), channel: raw }),
  fc.record({ type: fc.constant(6 as const), channel: raw }),
  fc.record({ type: fc.constant(6 as const) }),
)

test('whatever a client says, what is told is of the wire and in the speaker’s name', () => {
  fc.assert(
    fc.property(up, (said) => {
      expect(decodeUp(JSON.stringify(said)).ok).toBe(true)
      const effect = handle(speaker, said, 100)
      if (!effect || !('frame' in effect)) return
      const told = decodeDown(effect.frame)
      if (!told.ok) throw new Error(told.error)
      if (effect.kind === 'reply') expect(told.value.type).toBe(-1)
      else expect(told.value).toMatchObject({ type: said.type, user: 'Bob' })
    }),
  )
})

test('only a channel that one is not in is entered, and only one that one is in is left', () => {
  fc.assert(
    fc.property(up, (said) => {
      const effect = handle(speaker, said, 100)
      if (effect?.kind === 'enter') expect(speaker.channels.has(effect.channel)).toBe(false)
      if (effect?.kind === 'leave') expect(speaker.channels.has(effect.channel)).toBe(true)
    }),
  )
})

test('a log-in is an error unless the nickname is one’s own', () => {
  fc.assert(
    fc.property(raw, (user) => {
      const effect = handle(speaker, { type: 2, user }, 100)
      expect(effect === undefined).toBe(nameKey(user) === 'bob')
    }),
  )
})

test('a nickname is claimed where nobody reserved it, taken by its account, and else not to be had', () => {
  expect(admission(undefined, undefined)).toBe('claim')
  expect(admission(undefined, 1)).toBe('claim')
  expect(admission(1, 1)).toBe('take')
  expect(admission(1, 2)).toBe('NICK_RESERVED')
  expect(admission(1, undefined)).toBe('NICK_RESERVED')
})
