import { expect, test } from 'vitest'
import { Deadlines } from '../../src/domain/deadlines.ts'
import { FakeClock } from '../support/fake-clock.ts'

const expiring = (name: string, log: string[]) => () => void log.push(name)

test('each expires after the patience, in order, with one timer', () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock, 100)
  const log: string[] = []
  deadlines.add(expiring('a', log))
  clock.advance(40)
  deadlines.add(expiring('b', log))
  const gone = deadlines.add(expiring('gone', log))
  expect(clock.armed).toBe(1)
  deadlines.delete(gone)
  clock.advance(59)
  expect(log).toEqual([])
  clock.advance(1)
  expect(log).toEqual(['a'])
  clock.advance(40)
  expect(log).toEqual(['a', 'b'])
  expect(clock.armed).toBe(0)
})

test('one that is added while another expires is not forgotten', () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock, 100)
  const log: string[] = []
  deadlines.add(() => void deadlines.add(expiring('second', log)))
  clock.advance(100)
  expect(clock.armed).toBe(1)
  clock.advance(100)
  expect(log).toEqual(['second'])
})

test('closing forgets all', () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock, 100)
  const log: string[] = []
  deadlines.add(expiring('a', log))
  deadlines.close()
  clock.advance(1_000)
  expect([log, clock.armed]).toEqual([[], 0])
})
