import { hash as argon2, verify as argon2Verify } from '@node-rs/argon2'
import { describe, expect, test } from 'vitest'
import { boundedQueue } from '../src/bounded-queue.ts'
import { createPasswords } from '../src/passwords.ts'
import { Unavailable } from '../src/unavailable.ts'

/** All that can happen without waiting has happened. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('a password', () => {
  const passwords = createPasswords()

  test('is hashed with argon2id, 19 MiB, two passes, one lane, and a salt of its own', async () => {
    const [one, two] = await Promise.all([passwords.hash('secret'), passwords.hash('secret')])
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(one).not.toBe(two)
    expect(await argon2Verify(one, 'secret')).toBe(true)
  })

  test('is right or wrong, byte for byte', async () => {
    const hashed = await passwords.hash('secret')
    expect(await passwords.verify('secret', hashed)).toBe(true)
    for (const wrong of ['Secret', 'secret\0', ' secret', '']) {
      expect(await passwords.verify(wrong, hashed)).toBe(false)
    }
  })

  test('is hashed anew when the parameters were others, and only then', async () => {
    const others = [
      { memoryCost: 8192 },
      { timeCost: 3 },
      { parallelism: 2 },
      { algorithm: 1 },
      { version: 0 },
    ]
    expect(passwords.outdated(await passwords.hash('x'))).toBe(false)
    for (const other of others) expect(passwords.outdated(await argon2('x', other))).toBe(true)
  })

  test('of nobody takes as long as anybody else’s, and is wrong', async () => {
    const hashed = await passwords.hash('secret')
    const median = async (hash?: string) => {
      const times: number[] = []
      for (let round = 0; round < 15; round++) {
        // This process', whatever else the machine does.
        const before = process.cpuUsage()
        expect(await passwords.verify('wrong', hash)).toBe(false)
        const { user, system } = process.cpuUsage(before)
        times.push(user + system)
      }
      return times.sort((a, b) => a - b)[7] ?? 0
    }
    const ratio = (await median()) / (await median(hashed))
    // Either would be a hundred times faster if it did not hash.
    expect(ratio).toBeGreaterThan(0.3)
    expect(ratio).toBeLessThan(3)
  })

  test('is hashed off the event loop', async () => {
    let turns = 0
    let hashing = true
    const spin = () => {
      turns++
      if (hashing) setImmediate(spin)
    }
    spin()
    await passwords.hash('secret')
    hashing = false
    expect(turns).toBeGreaterThan(10)
  })
})

describe('passwords in a crowd', () => {
  /** Work that ends when the test says so, and the order in which it began. */
  function works() {
    const began: number[] = []
    const ends: (() => void)[] = []
    const work = (id: number) => () =>
      new Promise<number>((resolve) => {
        began.push(id)
        ends[id] = () => resolve(id)
      })
    return { began, ends, work }
  }

  test('are worked on so many at a time, in the order they came', async () => {
    const queue = boundedQueue({ concurrency: 2, waiting: 10 })
    const { began, ends, work } = works()
    const all = [0, 1, 2, 3, 4].map((id) => queue.run(work(id)))
    await turn()
    expect(began).toEqual([0, 1])
    ends[1]?.()
    await all[1]
    await turn()
    expect(began).toEqual([0, 1, 2])
    for (const id of [0, 2, 3, 4]) {
      ends[id]?.()
      expect(await all[id]).toBe(id)
      await turn()
    }
    expect(began).toEqual([0, 1, 2, 3, 4])
  })

  test('are refused as unavailable past a bound, and taken again after that', async () => {
    const queue = boundedQueue({ concurrency: 1, waiting: 2 })
    const { ends, work } = works()
    const all = [0, 1, 2].map((id) => queue.run(work(id)))
    await expect(queue.run(work(3))).rejects.toBeInstanceOf(Unavailable)
    ends[0]?.()
    await all[0]
    const fourth = queue.run(work(4))
    for (const id of [1, 2, 4]) {
      await turn()
      ends[id]?.()
    }
    expect(await fourth).toBe(4)
  })

  test('give their place to the next when they fail', async () => {
    const queue = boundedQueue({ concurrency: 1, waiting: 2 })
    const failing = queue.run(async () => {
      throw new Error('broken hash')
    })
    const next = queue.run(async () => 'next')
    await expect(failing).rejects.toThrow('broken hash')
    expect(await next).toBe('next')
  })

  test('say 503 to Fastify and nothing of themselves', async () => {
    const passwords = createPasswords({ concurrency: 1, waiting: 0 })
    const first = passwords.hash('hunter2')
    const refused = await passwords.hash('hunter2').catch((error: unknown) => error)
    expect(refused).toMatchObject({ statusCode: 503, code: 'UNAVAILABLE' })
    expect(JSON.stringify(refused) + String(refused)).not.toContain('hunter2')
    await first
  })
})
