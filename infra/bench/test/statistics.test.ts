import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Histogram } from '../src/load/histogram.ts'
import { divideCores, parseCores } from '../src/machine.ts'
import { digits } from '../src/report/markdown.ts'
import { spreadOf } from '../src/statistics.ts'

test.each([
  [[], undefined],
  [[3], { min: 3, median: 3, max: 3 }],
  [[10, 1, 2], { min: 1, median: 2, max: 10 }],
  [[4, 1, 3, 100], { min: 1, median: 3.5, max: 100 }],
])('of %j the spread is %j', (values, spread) => {
  expect(spreadOf(values)).toEqual(spread)
})

test('a quantile is within 1.6 % of the value that it stands for', () => {
  const micros = fc.integer({ min: 1, max: 2 ** 31 - 1 })
  const share = fc.double({ min: 0.001, max: 1, noNaN: true })
  fc.assert(
    fc.property(fc.array(micros, { minLength: 1, maxLength: 50 }), share, (values, wanted) => {
      const histogram = new Histogram()
      for (const value of values) histogram.add(value / 1000)
      const sorted = values.toSorted((a, b) => a - b)
      const exact = (sorted[Math.max(1, Math.ceil(wanted * sorted.length)) - 1] as number) / 1000
      const found = histogram.quantile(wanted) as number
      expect(Math.abs(found - exact) / exact).toBeLessThanOrEqual(1 / 64)
    }),
  )
})

test('without values there is no quantile', () => {
  expect(new Histogram().quantile(0.5)).toBeUndefined()
})

test.each([
  [0.4567, '0.46'],
  [12.345, '12.3'],
  [123.4, '123'],
  [2_338_398, '2,338,398'],
])('%d is written %s', (value, text) => {
  expect(digits(value)).toBe(text)
})

test.each([
  ['0-1', [0, 1]],
  ['0', [0]],
  ['0-2,7,9-10', [0, 1, 2, 7, 9, 10]],
])('the cores %s are %j', (list, cores) => {
  expect(parseCores(list)).toEqual(cores)
})

test.each([
  [[4], undefined],
  [[4, 5], { server: '4', generator: '5', others: '5' }],
  [[0, 1, 2, 3], { server: '0', generator: '1', others: '2,3' }],
])('the cores %j are divided into %j', (cores, divided) => {
  expect(divideCores(cores)).toEqual(divided)
})
