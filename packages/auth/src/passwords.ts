import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { hash, parseOptions, verify } from '@node-rs/argon2'
import { boundedQueue } from './bounded-queue.ts'

/**
 * argon2id with 19 MiB, two passes, one lane: OWASP's Password Storage Cheat Sheet. `algorithm` is argon2's type byte
 * (the library's enum is ambient, so it does not exist at run time).
 */
const POLICY = { algorithm: 2, version: 1, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** Hashes run on libuv's pool, where files and names are looked up too, so one of its threads is left to those. */
const POOL_THREADS = Number(process.env['UV_THREADPOOL_SIZE']) || 4

export interface Passwords {
  /** A PHC string. @throws Unavailable where too many wait already */
  hash(password: string): Promise<string>
  /** Without a `hash` it takes as long and answers `false`. @throws Unavailable where too many wait already */
  verify(password: string, hash?: string): Promise<boolean>
  /** The hash was made with other parameters than are used now. */
  outdated(hash: string): boolean
}

export interface PasswordOptions {
  /** How many are worked on at once. */
  concurrency?: number
  /** How many may wait; the one after that is refused. */
  waiting?: number
}

/** A hash that no password has, with today's parameters; nothing needs to be computed for it. */
function unmatchable(): string {
  const base64 = (bytes: number) => randomBytes(bytes).toString('base64').replaceAll('=', '')
  const { memoryCost, timeCost, parallelism } = POLICY
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${base64(16)}$${base64(32)}`
}

export function createPasswords({
  concurrency = Math.max(1, Math.min(availableParallelism(), POOL_THREADS - 1)),
  waiting = 1000,
}: PasswordOptions = {}): Passwords {
  const queue = boundedQueue({ concurrency, waiting })
  const nobody = unmatchable()
  return {
    hash: (password) => queue.run(() => hash(password, POLICY)),
    verify: async (password, hashed) => {
      const matches = await queue.run(() => verify(hashed ?? nobody, password))
      return matches && hashed !== undefined
    },
    outdated(hashed) {
      const made = parseOptions(hashed)
      return (Object.keys(POLICY) as (keyof typeof POLICY)[]).some((key) => made[key] !== POLICY[key])
    },
  }
}

/** Every service of a process shares its cores, so they share this. */
export const passwords: Passwords = createPasswords()
