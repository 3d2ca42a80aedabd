import { expect, test } from 'vitest'
import { Flood } from '../src/routes/flood.ts'

test('a burst of 200, 50 a second and 1,000 waiting are allowed, and no more', () => {
  const flood = new Flood(0)
  for (let sent = 0; sent < 1_200; sent++) expect(flood.add(0)).toBe(false)
  expect(flood.add(0)).toBe(true)
  // A second later there is room for 50 more than the one too many.
  for (let sent = 0; sent < 49; sent++) expect(flood.add(1_000)).toBe(false)
  expect(flood.add(1_000)).toBe(true)
})

test('50 a second may go on for ever', () => {
  const flood = new Flood(0)
  for (let sent = 0; sent < 10_000; sent++) expect(flood.add(sent * 20)).toBe(false)
})
