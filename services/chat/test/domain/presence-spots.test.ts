import type { AccountInfo } from '@switchboard/protocol/between'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keysOf } from '../../src/domain/presence/names.ts'
import { restrictedIn, spotsOf, whereaboutsOf } from '../../src/domain/presence/spots.ts'

const entry = (since: number, service: AccountInfo['service'], ...places: AccountInfo['places']) => ({
  since,
  info: { service, places } satisfies AccountInfo,
})
const told = (entries: Parameters<typeof spotsOf>[0], ...open: string[]) =>
  whereaboutsOf(spotsOf(entries), new Set(open))

describe('what is told of a person', () => {
  it('has each service and place once, with the earliest moment, earliest first', () => {
    const entries = [
      entry(1, 'chat', { name: 'lobby', since: 30 }),
      entry(2, 'chat', { name: 'lobby', since: 20 }),
      entry(3, 'channels', { name: 'lobby', since: 25 }, { name: 'django', since: 10 }),
    ]
    expect(told(entries)).toEqual([
      { service: 'channels', place: 'django', since: 10 },
      { service: 'chat', place: 'lobby', since: 20 },
      { service: 'channels', place: 'lobby', since: 25 },
    ])
  })

  it('has a connection that is nowhere without a place, once a service', () => {
    const entries = [entry(9, 'ide'), entry(5, 'ide'), entry(7, 'channels')]
    expect(told(entries)).toEqual([
      { service: 'ide', since: 5 },
      { service: 'channels', since: 7 },
    ])
  })

  it('names a restricted space only where it is open, and does not tell how many others there are', () => {
    const entries = [
      entry(
        1,
        'ide',
        { name: 'mine', since: 4, restricted: true },
        { name: 'theirs', since: 3, restricted: true },
        { name: 'theirs too', since: 2, restricted: true },
        { name: 'free', since: 5 },
      ),
    ]
    expect(restrictedIn(spotsOf(entries))).toEqual(['mine', 'theirs', 'theirs too'])
    expect(told(entries, 'mine')).toEqual([
      { service: 'ide', since: 2 },
      { service: 'ide', place: 'mine', since: 4 },
      { service: 'ide', place: 'free', since: 5 },
    ])
  })

  it.each([undefined, null, 'chat', {}, { service: 'relay', places: [] }, { service: 'ide', places: [1] }])(
    'leaves out what is no report: %j',
    (info) => {
      expect(told([{ since: 1, info }, entry(2, 'chat')])).toEqual([{ service: 'chat', since: 2 }])
    },
  )

  it('is the same whatever order the reports come in', () => {
    const place = fc.record({ name: fc.constantFrom('a', 'b', '__proto__'), since: fc.nat({ max: 3 }) })
    const service = fc.constantFrom('ide' as const, 'chat' as const, 'channels' as const)
    const report = fc.tuple(fc.nat({ max: 3 }), service, fc.array(place, { maxLength: 3 }))
    const reports = fc.array(report.map(([since, from, places]) => entry(since, from, ...places)))
    fc.assert(
      fc.property(
        reports.chain((some) =>
          fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
        ),
        ([some, shuffled]) => {
          expect(told(shuffled)).toEqual(told(some))
        },
      ),
    )
  })
})

describe('names', () => {
  it('are compared without regard to case and width, and kept as they were asked', () => {
    const keys = keysOf(['Alice', 'ＡＬＩＣＥ', '__proto__', 'Alice'])
    expect([...keys]).toEqual([
      ['Alice', 'alice'],
      ['ＡＬＩＣＥ', 'alice'],
      ['__proto__', '__proto__'],
    ])
  })

  it.each(['', ' a', 'a@channels', 'a/b', 'a\u200b', '\ud800', 'x'.repeat(65)])(
    'that are impossible are nobody: %j',
    (name) => expect([...keysOf([name])]).toEqual([[name, undefined]]),
  )
})
