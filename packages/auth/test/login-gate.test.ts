import { expect, test } from 'vitest'
import { createLoginGate, type LoginCounter } from '../src/login-gate.ts'
import { createWaitingRoom } from '../src/waiting-room.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A counter of one, whose next answer can be held back. */
function counterOfOne() {
  let taken = 0
  let held: Promise<void> | undefined
  const counter: LoginCounter = {
    async take() {
      const answer = taken === 1 ? 60 : 0
      if (answer === 0) taken++
      await held
      return answer
    },
    count: async () => taken,
    give: async () => {
      taken--
    },
  }
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    held = promise
    return () => {
      held = undefined
      resolve()
    }
  }
  return { counter, hold }
}

test('a refusal that comes after someone has left is asked again', async () => {
  const { counter, hold } = counterOfOne()
  const gate = createLoginGate(counter, createWaitingRoom(10))
  expect(await gate.enter('a', undefined)).toBe(0)
  const release = hold()
  const second = gate.enter('a', undefined)
  await turn()
  await gate.leave('a', false)
  release()
  expect(await second).toBe(0)
})

test('those who wait come in one after the other, in the order they came, and others need not wait', async () => {
  const gate = createLoginGate(counterOfOne().counter, createWaitingRoom(10))
  expect(await gate.enter('a', undefined)).toBe(0)
  const entered: number[] = []
  const waiting = [1, 2, 3].map(async (id) => {
    expect(await gate.enter('a', undefined)).toBe(0)
    entered.push(id)
  })
  for (const id of [0, 1, 2]) {
    await turn()
    expect(entered).toHaveLength(id)
    await gate.leave('a', false)
  }
  await Promise.all(waiting)
  expect(entered).toEqual([1, 2, 3])
})

test('those who wait are refused once the last inside has failed', async () => {
  const gate = createLoginGate(counterOfOne().counter, createWaitingRoom(10))
  expect(await gate.enter('a', undefined)).toBe(0)
  const waiting = [1, 2, 3].map(() => gate.enter('a', undefined))
  await turn()
  await gate.leave('a', true)
  expect(await Promise.all(waiting)).toEqual([60, 60, 60])
})

test('who goes away while it waits makes way for the next', async () => {
  const gate = createLoginGate(counterOfOne().counter, createWaitingRoom(10))
  expect(await gate.enter('a', undefined)).toBe(0)
  const clients = [new AbortController(), new AbortController(), new AbortController()]
  const waiting = clients.map(({ signal }) => gate.enter('a', signal))
  const outcomes = Promise.allSettled(waiting)
  await turn()
  clients[0]?.abort()
  clients[1]?.abort()
  await turn()
  await gate.leave('a', false)
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  expect(await waiting[2]).toBe(0)
})

test('a counter that fails lets the next one ask', async () => {
  const { counter } = counterOfOne()
  let broken = true
  const gate = createLoginGate(
    {
      ...counter,
      take: async (key) => {
        await turn()
        if (broken) throw new Error('away')
        return counter.take(key)
      },
    },
    createWaitingRoom(10),
  )
  const first = gate.enter('a', undefined)
  const second = gate.enter('a', undefined)
  await expect(first).rejects.toThrow('away')
  broken = false
  expect(await second).toBe(0)
})
