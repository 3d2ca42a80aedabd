import { LIMITS } from '@switchboard/protocol/limits'
import { parseUsername } from '@switchboard/protocol/names'
import { err, type Result } from '@switchboard/protocol/result'
import { sleep as realSleep, type Sleep } from './sleep.ts'
import { Unavailable } from './unavailable.ts'

/** What is needed of a counter of kit's limits. */
export interface LoginCounter {
  /** Counts one; 0 where that is allowed, else the seconds until it would be. What is not allowed counts too. */
  take(key: string): Promise<number>
  count(key: string): Promise<number>
  /** Takes one back. */
  give(key: string): Promise<void>
}

export interface LoginLimits {
  readonly on: boolean
  counter(name: string, rule: { points: number; windowSeconds: number }): LoginCounter
}

export interface RateLimited {
  code: 'RATE_LIMITED'
  retryAfterSeconds: number
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
   * @throws Unavailable where the client went away, the guard was closed, or 1,000 others are delayed already
   */
  attempt<T, E>(attempt: LoginTry, check: () => Promise<Result<T, E>>): Promise<Result<T, E | RateLimited>>
  /** Ends every delay. */
  close(): void
}

/** Most tries that are delayed in one process at a time. */
const DELAYED_MAX = 1000

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
  const byAddress = counter('login:address', perAddress)
  const byPair = counter('login:account-address', perAccountAndAddress)
  const byAccount = counter('login:account', perAccount)
  const closing = new AbortController()
  let delayed = 0

  async function delay(failures: number, signal: AbortSignal | undefined): Promise<void> {
    const seconds = delaySeconds(failures)
    if (seconds === 0) return
    if (delayed >= DELAYED_MAX) throw new Unavailable('too many log-ins are waiting')
    const ended = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal
    delayed++
    try {
      await sleep(seconds * 1000, ended)
    } catch (error) {
      throw ended.aborted ? new Unavailable('the log-in was given up while it waited') : error
    } finally {
      delayed--
    }
  }

  return {
    async attempt({ name, address, signal }, check) {
      const key = keyOf(name)
      const pair = `${address} ${key}`
      const giveBack = () => Promise.all([byAddress.give(address), byPair.give(pair), byAccount.give(key)])
      const [addressWait, pairWait] = await Promise.all([
        byAddress.take(address),
        byPair.take(pair),
        byAccount.take(key),
      ])
      let failed = false
      try {
        const retryAfterSeconds = Math.max(addressWait, pairWait)
        if (retryAfterSeconds > 0) return err({ code: 'RATE_LIMITED', retryAfterSeconds })
        await delay((await byAccount.count(key)) - 1, signal)
        const result = await check()
        failed = !result.ok
        return result
      } finally {
        if (!failed) await giveBack()
      }
    },
    close: () => closing.abort(),
  }
}
