import { LIMITS } from '@switchboard/protocol/limits'
import { parseUsername } from '@switchboard/protocol/names'
import { err, type Result } from '@switchboard/protocol/result'
import { createLoginGate, type LoginCounter, type LoginGate } from './login-gate.ts'
import { sleep as realSleep, type Sleep } from './sleep.ts'
import { createWaitingRoom } from './waiting-room.ts'

export interface LoginLimits {
  readonly on: boolean
  counter(name: string, rule: { points: number; windowSeconds: number }): LoginCounter
}

export interface RateLimited {
  code: 'RATE_LIMITED'
  retryAfterSeconds: number
}

/** Of a failed log-in's error: it was refused rather than wrong. */
export function isRateLimited(error: unknown): error is RateLimited {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'RATE_LIMITED'
}

export interface LoginTry {
  /** The name as it was given; any string. */
  name: string
  /** Whose limit it counts against: the client's address. */
  address: string
  /** Aborted when the client goes away, so that nothing waits for it. Not Fastify's `request.signal`: see `whenGone`. */
  signal?: AbortSignal
}

export interface LoginGuard {
  /**
   * One try to log in. `check` answers whether name and password are right; each `err` of it is a failed log-in. A try
   * is counted before its check and given back when it did not fail, so that no number of them at once gets past.
   * @throws Unavailable where the client went away, the guard was closed, or 1,000 others wait already
   */
  attempt<T, E>(attempt: LoginTry, check: () => Promise<Result<T, E>>): Promise<Result<T, E | RateLimited>>
  /** Ends every delay. */
  close(): void
}

/** Most tries that wait in one process at a time. */
const WAITING_MAX = 1000

/** For a counter that only counts. */
const NEVER_REFUSED = Number.MAX_SAFE_INTEGER

const { windowSeconds, perAccountAndAddress, perAddress, perAccount, maxDelaySeconds } = LIMITS.logins

/** How long a try waits after so many failures at its account. */
export function delaySeconds(failures: number): number {
  return failures < perAccount ? 0 : Math.min(maxDelaySeconds, 2 ** (failures - perAccount))
}

/** Names that nobody can have count together, under the one that is no key either. */
function keyOf(name: string): string {
  const parsed = parseUsername(name)
  return parsed.ok ? parsed.value.key : ''
}

/** Calls with one `limits` share their counters: a failure at chat counts at ide. */
export function createLoginGuard({
  limits,
  sleep = realSleep,
}: {
  limits: LoginLimits
  sleep?: Sleep
}): LoginGuard {
  const counter = (name: string, points: number) => limits.counter(name, { points, windowSeconds })
  const room = createWaitingRoom(WAITING_MAX)
  const byAddress = createLoginGate(counter('login:address', perAddress), room)
  const byPair = createLoginGate(counter('login:account-address', perAccountAndAddress), room)
  const atAccount = counter('login:account', NEVER_REFUSED)

  /** Counts the try at its account, and makes it wait as the failures before it demand. */
  async function checkAtAccount<T, E>(
    key: string,
    signal: AbortSignal | undefined,
    check: () => Promise<Result<T, E>>,
  ): Promise<Result<T, E>> {
    let failed = false
    await atAccount.take(key)
    try {
      const seconds = delaySeconds((await atAccount.count(key)) - 1)
      if (seconds > 0) await room.wait(signal, (ended) => sleep(seconds * 1000, ended))
      const result = await check()
      failed = !result.ok
      return result
    } finally {
      if (!failed) await atAccount.give(key)
    }
  }

  /** Runs `work` inside a gate, and leaves it as the work turned out. */
  async function inside<T, E>(
    gate: LoginGate,
    key: string,
    signal: AbortSignal | undefined,
    work: () => Promise<Result<T, E>>,
  ): Promise<Result<T, E | RateLimited>> {
    const retryAfterSeconds = await gate.enter(key, signal)
    if (retryAfterSeconds > 0) return err({ code: 'RATE_LIMITED', retryAfterSeconds })
    let failed = false
    try {
      const result = await work()
      failed = !result.ok && !isRateLimited(result.error)
      return result
    } finally {
      await gate.leave(key, failed)
    }
  }

  return {
    attempt({ name, address, signal }, check) {
      const key = keyOf(name)
      return inside(byAddress, address, signal, () =>
        inside(byPair, `${address} ${key}`, signal, () => checkAtAccount(key, signal, check)),
      )
    },
    close: () => room.close(),
  }
}
