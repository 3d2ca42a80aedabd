import { memoryLimits } from '@switchboard/kit/limits'
import { LIMITS } from '@switchboard/protocol/limits'
import { err, ok, type Result } from '@switchboard/protocol/result'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createLoginGuard, delaySeconds, type LoginGuard } from '../src/login-guard.ts'
import type { Sleep } from '../src/sleep.ts'
import { Unavailable } from '../src/unavailable.ts'

const right = async (): Promise<Result<string, 'WRONG'>> => ok('welcome')
const wrong = async (): Promise<Result<string, 'WRONG'>> => err('WRONG')

/** A sleep that is over at once and remembers how long it was meant to be, in seconds. */
function countedSleep() {
  const slept: number[] = []
  const sleep: Sleep = async (ms) => void slept.push(ms / 1000)
  return { slept, sleep }
}

const { perAccountAndAddress, perAddress, perAccount, windowSeconds } = LIMITS.logins

let limits: ReturnType<typeof memoryLimits>
let slept: number[]
let guard: LoginGuard
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'performance'] })
  limits = memoryLimits({ on: true })
  const counted = countedSleep()
  slept = counted.slept
  guard = createLoginGuard({ limits, sleep: counted.sleep })
})
afterEach(() => {
  vi.useRealTimers()
})

const tryIn = (name: string, address: string, check = wrong) => guard.attempt({ name, address }, check)

async function fail(times: number, name: (index: number) => string, address: (index: number) => string) {
  for (let index = 0; index < times; index++) {
    expect(await tryIn(name(index), address(index))).toEqual(err('WRONG'))
  }
}

const LIMITED = err({ code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) })

describe('failed log-ins', () => {
  test('at one account from one address: the right password is refused after ten, until the window ends', async () => {
    await fail(
      perAccountAndAddress,
      () => 'alice',
      () => '10.0.0.1',
    )
    const refused = await tryIn('alice', '10.0.0.1', right)
    expect(refused).toEqual(err({ code: 'RATE_LIMITED', retryAfterSeconds: windowSeconds }))
    expect(await tryIn('alice', '10.0.0.2', right)).toEqual(ok('welcome'))
    expect(await tryIn('bob', '10.0.0.1', right)).toEqual(ok('welcome'))
    vi.advanceTimersByTime(windowSeconds * 1000)
    expect(await tryIn('alice', '10.0.0.1', right)).toEqual(ok('welcome'))
  })

  test('an account is one by any spelling of its name', async () => {
    const spellings = ['alice', 'ALICE', 'Ａｌｉｃｅ']
    await fail(
      perAccountAndAddress,
      (index) => spellings[index % 3] ?? '',
      () => '10.0.0.1',
    )
    expect(await tryIn('Alice', '10.0.0.1', right)).toEqual(LIMITED)
  })

  test('names that nobody can have are one account, whatever is in them', async () => {
    const names = ['', '\0', '\ud800', 'x'.repeat(100_000), ' a', 'a/b', 'a\\b', 'a,b', 'a@b', '\u202e']
    await fail(
      names.length,
      (index) => names[index] ?? '',
      () => '10.0.0.1',
    )
    expect(await tryIn('\u200b', '10.0.0.1')).toEqual(LIMITED)
  })

  test('prototype names are ordinary accounts', async () => {
    await fail(
      perAccountAndAddress,
      () => '__proto__',
      () => '10.0.0.1',
    )
    expect(await tryIn('__proto__', '10.0.0.1', right)).toEqual(LIMITED)
    expect(await tryIn('constructor', '10.0.0.1', right)).toEqual(ok('welcome'))
  })

  test('at any accounts from one address: refused after a hundred', async () => {
    await fail(
      perAddress,
      (index) => `user ${index}`,
      () => '10.0.0.1',
    )
    expect(await tryIn('somebody', '10.0.0.1', right)).toEqual(LIMITED)
    expect(await tryIn('somebody', '10.0.0.2', right)).toEqual(ok('welcome'))
  })

  test('that were refused count no further, neither there nor elsewhere', async () => {
    await fail(
      perAccountAndAddress,
      () => 'alice',
      () => '10.0.0.1',
    )
    for (let index = 0; index < 2 * perAddress; index++) await tryIn('alice', '10.0.0.1')
    expect(await tryIn('bob', '10.0.0.1', right)).toEqual(ok('welcome'))
    expect(slept).toEqual([])
    vi.advanceTimersByTime(windowSeconds * 1000)
    expect(await tryIn('alice', '10.0.0.1', right)).toEqual(ok('welcome'))
  })

  test('are not what a right password is, however often', async () => {
    for (let index = 0; index < 2 * perAddress; index++) {
      expect(await tryIn('alice', '10.0.0.1', right)).toEqual(ok('welcome'))
    }
    expect(slept).toEqual([])
  })

  test('are not what could not be checked', async () => {
    const broken = async () => {
      throw new Unavailable('no database')
    }
    for (let index = 0; index < 2 * perAccountAndAddress; index++) {
      await expect(guard.attempt({ name: 'alice', address: '10.0.0.1' }, broken)).rejects.toThrow(
        'no database',
      )
    }
    expect(await tryIn('alice', '10.0.0.1', right)).toEqual(ok('welcome'))
  })

  test('count in all services that share the limits', async () => {
    const other = createLoginGuard({ limits, sleep: countedSleep().sleep })
    await fail(
      perAccountAndAddress,
      () => 'alice',
      () => '10.0.0.1',
    )
    expect(await other.attempt({ name: 'alice', address: '10.0.0.1' }, right)).toEqual(LIMITED)
  })

  test('are not limited where limits are off', async () => {
    const free = createLoginGuard({ limits: memoryLimits({ on: false }), sleep: countedSleep().sleep })
    for (let index = 0; index < 2 * perAddress; index++) {
      expect(await free.attempt({ name: 'alice', address: '10.0.0.1' }, wrong)).toEqual(err('WRONG'))
    }
  })
})

describe('an account that is attacked from everywhere', () => {
  test('is not locked: past fifty failures each try waits, one second doubling to thirty', async () => {
    await fail(
      perAccount,
      () => 'alice',
      (index) => `10.0.1.${index}`,
    )
    expect(slept).toEqual([])
    await fail(
      8,
      () => 'alice',
      (index) => `10.0.2.${index}`,
    )
    expect(slept).toEqual([1, 2, 4, 8, 16, 30, 30, 30])
    expect(await tryIn('alice', '10.0.3.1', right)).toEqual(ok('welcome'))
    expect(await tryIn('alice', '10.0.3.1', right)).toEqual(ok('welcome'))
    expect(slept.slice(8)).toEqual([30, 30])
    expect(await tryIn('bob', '10.0.3.1', right)).toEqual(ok('welcome'))
    expect(slept).toHaveLength(10)
  })

  test('has no try slip past the delay by coming at the same time', async () => {
    const tries = Array.from({ length: 60 }, (_, index) => tryIn('alice', `10.0.1.${index}`))
    expect((await Promise.all(tries)).every((result) => !result.ok)).toBe(true)
    expect(slept.length).toBeGreaterThanOrEqual(10)
  })

  test.each([
    [0, 0],
    [49, 0],
    [50, 1],
    [54, 16],
    [55, 30],
    [5_000, 30],
  ])('after %i failures a try waits %i s', (failures, seconds) => {
    expect(delaySeconds(failures)).toBe(seconds)
  })
})

describe('tries at the same time', () => {
  test('do not slip past the limit: of fifty wrong ones ten are checked', async () => {
    let checked = 0
    const check = async () => {
      checked++
      await Promise.resolve()
      return err('WRONG' as const)
    }
    const results = await Promise.all(
      Array.from({ length: 50 }, () => guard.attempt({ name: 'alice', address: '10.0.0.1' }, check)),
    )
    expect(checked).toBe(perAccountAndAddress)
    expect(results.filter((result) => !result.ok && result.error === 'WRONG')).toHaveLength(
      perAccountAndAddress,
    )
  })

  test('that are all right are all let in, although fewer than that may be undecided at once', async () => {
    let undecided = 0
    let most = 0
    const check = async () => {
      most = Math.max(most, ++undecided)
      await new Promise((resolve) => setImmediate(resolve))
      undecided--
      return ok('welcome')
    }
    const results = await Promise.all(
      Array.from({ length: 300 }, () => guard.attempt({ name: 'alice', address: '10.0.0.1' }, check)),
    )
    expect(results.every((result) => result.ok)).toBe(true)
    expect(most).toBe(perAccountAndAddress)
  })

  test('of a whole school at one address are all let in', async () => {
    const check = async () => {
      await new Promise((resolve) => setImmediate(resolve))
      return ok('welcome')
    }
    const results = await Promise.all(
      Array.from({ length: 5 * perAddress }, (_, index) =>
        guard.attempt({ name: `pupil ${index}`, address: '10.0.0.1' }, check),
      ),
    )
    expect(results.every((result) => result.ok)).toBe(true)
  })

  test('right and wrong ones mixed: never more than ten wrong ones are checked, and everyone is answered', async () => {
    let failures = 0
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        guard.attempt({ name: 'alice', address: '10.0.0.1' }, async () => {
          await new Promise((resolve) => setImmediate(resolve))
          if (index % 3) return ok('welcome')
          failures++
          return err('WRONG' as const)
        }),
      ),
    )
    expect(results).toHaveLength(200)
    expect(failures).toBe(perAccountAndAddress)
  })
})

describe('a delayed try', () => {
  /** Sleeps until it is aborted. */
  const forever: Sleep = (_, signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))

  async function attacked() {
    await fail(
      perAccount,
      () => 'alice',
      (index) => `10.0.1.${index}`,
    )
    return createLoginGuard({ limits, sleep: forever })
  }

  test('ends when its client goes away, unchecked and uncounted', async () => {
    const slow = await attacked()
    const client = new AbortController()
    const check = vi.fn(right)
    const delayed = slow.attempt({ name: 'alice', address: '10.0.2.1', signal: client.signal }, check)
    await new Promise((resolve) => setImmediate(resolve))
    client.abort(new Error('gone'))
    await expect(delayed).rejects.toBeInstanceOf(Unavailable)
    expect(check).not.toHaveBeenCalled()
    await fail(
      1,
      () => 'alice',
      () => '10.0.2.1',
    )
    expect(slept).toEqual([1])
  })

  test('of a client that is gone already is not even begun', async () => {
    const slow = await attacked()
    const attempt = { name: 'alice', address: '10.0.2.1', signal: AbortSignal.abort() }
    await expect(slow.attempt(attempt, right)).rejects.toBeInstanceOf(Unavailable)
  })

  test('ends when the process does', async () => {
    const slow = await attacked()
    const delayed = [1, 2, 3].map((n) => slow.attempt({ name: 'alice', address: `10.0.2.${n}` }, right))
    const outcomes = Promise.allSettled(delayed)
    await new Promise((resolve) => setImmediate(resolve))
    slow.close()
    expect((await outcomes).every(({ status }) => status === 'rejected')).toBe(true)
  })

  test('is one of a thousand at most, so that nobody can pile them up', async () => {
    const slow = await attacked()
    const delayed = Array.from({ length: 1001 }, (_, index) =>
      slow.attempt({ name: 'alice', address: `10.${index >> 8}.3.${index & 255}` }, right),
    )
    await expect(Promise.race(delayed)).rejects.toThrow('too many log-ins are waiting')
    expect(await tryIn('bob', '10.0.9.9', right)).toEqual(ok('welcome'))
    slow.close()
    const outcomes = await Promise.allSettled(delayed)
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  })
})
