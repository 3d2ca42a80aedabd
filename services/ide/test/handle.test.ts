import { decodeUp, encodeUp, type Up } from '@switchboard/protocol/ide'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { handle, refuse, type Speaker, unsent } from '../src/domain/handle.ts'
import { isOpenTo, isRepoId, others } from '../src/domain/spaces.ts'

const speaker: Speaker = { me: { name: 'Ann', key: 'ann' }, spaces: new Set(['here']), places: 2 }
const full: Speaker = { ...speaker, places: 1 }

function up(...[event, params]: Parameters<typeof encodeUp>): Up {
  const decoded = decodeUp(encodeUp(event, params))
  if (!decoded.ok) throw new Error(decoded.error.message)
  return decoded.value
}

describe('what an event leads to', () => {
  test('list of another space: entering it, then the list', () => {
    expect(handle(speaker, up('list', { space: 'there' }))).toEqual([
      { kind: 'enter', space: 'there', event: 'list' },
      { kind: 'list', space: 'there', event: 'list' },
    ])
  })

  test('list of the space one is in: the list, also with all places taken', () => {
    const list = [{ kind: 'list', space: 'here', event: 'list' }]
    expect(handle(speaker, up('list', { space: 'here' }))).toEqual(list)
    expect(handle(full, up('list', { space: 'here' }))).toEqual(list)
  })

  test('join and leave: entering and leaving, where that changes anything', () => {
    expect(handle(speaker, up('join', { space: 'there' }))).toEqual([
      { kind: 'enter', space: 'there', event: 'join' },
    ])
    expect(handle(speaker, up('join', { space: 'here' }))).toEqual([])
    expect(handle(speaker, up('leave', { space: 'here' }))).toEqual([
      { kind: 'leave', space: 'here', event: 'leave' },
    ])
    expect(handle(speaker, up('leave', { space: 'there' }))).toEqual([])
  })

  test('entering without a free place: TOO_MANY_PLACES', () => {
    const frame = 'error:|:{"event":"join","space":"there","code":"TOO_MANY_PLACES"}'
    expect(handle(full, up('join', { space: 'there' }))).toEqual([{ kind: 'reply', frame }])
  })

  test('send: a frame for the person’s key, and what the sender hears where nobody gets it', () => {
    expect(handle(speaker, up('send', { to: 'BEN', data: '|' }))).toEqual([
      {
        kind: 'direct',
        to: 'ben',
        name: 'BEN',
        frame: 'msg:|:{"from":"Ann","data":"\\u007c"}',
      },
    ])
    expect(unsent('BEN', 'UNAVAILABLE')).toBe('error:|:{"event":"send","to":"BEN","code":"UNAVAILABLE"}')
  })

  test('a malformed frame: BAD_MESSAGE', () => {
    expect(refuse({ event: 'send', message: 'why' })).toEqual([
      { kind: 'reply', frame: 'error:|:{"event":"send","message":"why","code":"BAD_MESSAGE"}' },
    ])
  })
})

test('others: everyone but oneself, once each, in order', () => {
  const entry = fc.record({ person: fc.constantFrom('ann', 'ben', 'cas', '__proto__') })
  fc.assert(
    fc.property(fc.array(entry), (present) => {
      const names = others(present, speaker.me)
      expect(names).toEqual(
        [...new Set(present.map(({ person }) => person))].filter((person) => person !== 'ann'),
      )
    }),
  )
  expect(
    others(
      [
        { person: 'ben', info: 'Ben' },
        { person: 'ann', info: 'Ann' },
      ],
      speaker.me,
    ),
  ).toEqual(['Ben'])
})

test('a space is closed to strangers of its repo and, once that is deleted, to everybody', () => {
  expect((['none', 'owner', 'member', 'stranger', 'deleted'] as const).filter(isOpenTo)).toEqual([
    'none',
    'owner',
    'member',
  ])
  fc.assert(fc.property(fc.uuid(), isRepoId))
  for (const space of [
    '',
    'lobby',
    '00000000-0000-4000-8000-00000000000',
    'A0000000-0000-4000-8000-000000000000',
  ])
    expect(isRepoId(space)).toBe(false)
})
