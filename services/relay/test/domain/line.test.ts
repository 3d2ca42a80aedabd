import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Line, type Place } from '../../src/domain/line.ts'

test('holds what was added and not removed, in order', () => {
  const steps = fc.array(fc.record({ add: fc.boolean(), at: fc.nat(20) }))
  fc.assert(
    fc.property(steps, (all) => {
      const line = new Line<number>()
      const places: Place<number>[] = []
      let expected: number[] = []
      for (const { add, at } of all) {
        if (add) {
          expected.push(places.length)
          places.push(line.add(places.length))
        } else {
          const place = places[at % Math.max(1, places.length)]
          if (!place) continue
          line.remove(place)
          expected = expected.filter((item) => item !== place.item)
        }
        expect([...line]).toEqual(expected)
        expect(line.first?.item).toBe(expected[0])
      }
      line.clear()
      expect([...line]).toEqual([])
    }),
  )
})

test('each may be taken out when its turn comes', () => {
  const line = new Line<number>()
  const places = [1, 2, 3].map((item) => line.add(item))
  const seen: number[] = []
  for (const item of line) {
    seen.push(item)
    line.remove(places[item - 1] as Place<number>)
  }
  expect(seen).toEqual([1, 2, 3])
})
