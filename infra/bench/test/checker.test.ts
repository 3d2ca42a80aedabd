import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Checker } from '../src/load/checker.ts'

/** Two groups of two seats each, two publishers for each group. */
const create = () =>
  new Checker({ groupOf: [0, 1, 0, 1], groups: 2, publishers: 4, deafSeatOf: () => undefined })

/** Everything that `count` messages of each publisher lead to, in each publisher's order, seat by seat. */
function deliveries(checker: Checker, count: number): [seat: number, publisher: number, sequence: number][] {
  const all: [number, number, number][] = []
  for (let i = 0; i < count; i++)
    for (let publisher = 0; publisher < 4; publisher++) {
      const sequence = checker.say(publisher)
      for (const seat of [publisher % 2, (publisher % 2) + 2]) all.push([seat, publisher, sequence])
    }
  return all
}

const CLEAN = { lost: 0, doubled: 0, misordered: 0, foreign: 0 }

test('nothing is wrong where everyone gets everything once, in order', () => {
  const checker = create()
  for (const one of deliveries(checker, 5)) checker.hear(...one)
  expect(checker.verdict()).toEqual({ ...CLEAN, expected: 40, delivered: 40 })
})

test('every loss is counted, the first and the last too', () => {
  fc.assert(
    fc.property(fc.subarray([...Array(40).keys()]), (dropped) => {
      const checker = create()
      for (const [i, one] of deliveries(checker, 5).entries()) if (!dropped.includes(i)) checker.hear(...one)
      expect(checker.verdict()).toMatchObject({ ...CLEAN, lost: dropped.length })
    }),
  )
})

test('every double is counted, at once or later', () => {
  fc.assert(
    fc.property(fc.subarray([...Array(40).keys()]), fc.boolean(), (doubled, later) => {
      const checker = create()
      const all = deliveries(checker, 5)
      for (const [i, one] of all.entries()) {
        checker.hear(...one)
        if (!later && doubled.includes(i)) checker.hear(...one)
      }
      if (later) for (const i of doubled) checker.hear(...(all[i] as [number, number, number]))
      expect(checker.verdict()).toMatchObject({ ...CLEAN, doubled: doubled.length, delivered: 40 })
    }),
  )
})

test('what comes late is out of order, and neither lost nor doubled', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6, maxLength: 6 }), (order) => {
      const checker = create()
      for (let i = 0; i < 6; i++) checker.say(0)
      for (const sequence of order) checker.hear(0, 0, sequence)
      for (let sequence = 0; sequence < 6; sequence++) checker.hear(2, 0, sequence)
      const late = order.filter((sequence, i) => order.slice(0, i).some((earlier) => earlier > sequence))
      expect(checker.verdict()).toEqual({ ...CLEAN, expected: 12, delivered: 12, misordered: late.length })
    }),
  )
})

test('what comes to another group, and what nobody said, is foreign', () => {
  const checker = create()
  checker.say(0)
  checker.hear(1, 0, 0)
  checker.hear(0, 0, 1)
  checker.hear(0, 999, 0)
  expect(checker.verdict()).toMatchObject({ foreign: 3, delivered: 0, lost: 2 })
})

test('a publisher that does not hear itself is not waited for, and its own message is one too many', () => {
  const checker = new Checker({ groupOf: [0, 0, 0], groups: 1, publishers: 1, deafSeatOf: () => 2 })
  expect(checker.audienceOf(0)).toBe(2)
  const sequence = checker.say(0)
  for (const seat of [0, 1]) checker.hear(seat, 0, sequence)
  expect(checker.verdict()).toEqual({ ...CLEAN, expected: 2, delivered: 2 })
  checker.hear(2, 0, sequence)
  expect(checker.verdict()).toMatchObject({ doubled: 1 })
})
