import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gitRevision } from './git-revision.ts'
import { parseRedisUrl, REDIS_URL_FORMS } from './redis-url.ts'

/** `process.env`, or what a test puts in its place. */
export type Env = Readonly<Record<string, string | undefined>>

/** One line that names the variable and what it takes; the start stops with it. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/** What the file holds that `<name>_FILE` names: how containers are handed secrets. */
function readFromFile(env: Env, name: string): string | undefined {
  const file = env[`${name}_FILE`]?.trim()
  if (file === undefined || file === '') return undefined
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new ConfigError(
      `${name}_FILE names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`,
    )
  }
}

/** The variable, else what is in the file that `<name>_FILE` names. An empty one counts as absent, as `FOO= command` in a shell means it. */
export function readString(env: Env, name: string): string | undefined {
  const value = env[name]?.trim() || readFromFile(env, name)
  return value === '' ? undefined : value
}

export function readInteger(
  env: Env,
  name: string,
  { min, max, fallback }: { min: number; max: number; fallback: number },
): number {
  const raw = readString(env, name)
  if (raw === undefined) return fallback
  const value = Number(raw)
  if (!/^\d+$/.test(raw) || value < min || value > max) {
    throw new ConfigError(`${name} takes a whole number from ${min} to ${max}, not "${raw}"`)
  }
  return value
}

export function readOneOf<const T extends string>(
  env: Env,
  name: string,
  values: readonly T[],
  fallback: T,
): T {
  const raw = readString(env, name)?.toLowerCase()
  if (raw === undefined) return fallback
  const value = values.find((one) => one === raw)
  if (value === undefined) throw new ConfigError(`${name} takes one of ${values.join(', ')}, not "${raw}"`)
  return value
}

export const readBoolean = (env: Env, name: string, fallback: boolean): boolean =>
  readOneOf(env, name, ['true', 'false'], fallback ? 'true' : 'false') === 'true'

/** A comma-separated list; empty items are left out. */
export function readList(env: Env, name: string): string[] {
  const items = readString(env, name)?.split(',') ?? []
  return items.map((item) => item.trim()).filter((item) => item !== '')
}

/** A URL with one of the schemes. The error never repeats the value, which may hold a password. */
export function readUrl(env: Env, name: string, schemes: readonly string[]): string | undefined {
  const raw = readString(env, name)
  if (raw === undefined) return undefined
  const scheme = URL.canParse(raw) ? new URL(raw).protocol.slice(0, -1) : ''
  if (!schemes.includes(scheme))
    throw new ConfigError(`${name} takes a URL that starts with ${schemes.join(':// or ')}://`)
  return raw
}

/** As it was given. The error never repeats the value, which may hold a password. */
function readRedisUrl(env: Env): string | undefined {
  const raw = readString(env, 'REDIS_URL')
  if (raw !== undefined && !parseRedisUrl(raw)) throw new ConfigError(`REDIS_URL takes ${REDIS_URL_FORMS}`)
  return raw
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** What every service reads from its environment, by the same names. */
export interface CommonConfig {
  host: string
  port: number
  /** PostgreSQL; absent: embedded below `dataDir`. */
  databaseUrl: string | undefined
  /** Redis or Valkey, see `REDIS_URL_FORMS`; absent: the bus is inside this process. */
  redisUrl: string | undefined
  /** The first signs, all verify; empty: made once and kept below `dataDir`. */
  jwtSecrets: string[]
  /** Absolute. */
  dataDir: string
  /** Origins (`https://example.org`) that get CORS headers beside the server's own. */
  allowedOrigins: string[]
  /** Addresses and CIDRs whose `X-Forwarded-*` headers are believed. */
  trustedProxies: string[]
  logLevel: (typeof LOG_LEVELS)[number]
  /** `false`: no limit of `protocol/limits` holds, for benchmarks. */
  limits: boolean
  /** 40 hex digits. */
  gitSha: string
  production: boolean
}

/** A JWT secret is as long as the hash's output at least (RFC 7518 §3.2). */
const JWT_SECRET_MIN_BYTES = 32

function readJwtSecrets(env: Env, production: boolean): string[] {
  const secrets = readList(env, 'JWT_SECRET')
  if (secrets.some((secret) => Buffer.byteLength(secret) < JWT_SECRET_MIN_BYTES)) {
    throw new ConfigError(
      `JWT_SECRET takes comma-separated secrets of ${JWT_SECRET_MIN_BYTES} bytes or more each`,
    )
  }
  if (production && secrets.length === 0) {
    throw new ConfigError(
      'JWT_SECRET is missing, and with NODE_ENV=production none is made; try: openssl rand -hex 32',
    )
  }
  return secrets
}

function readOrigins(env: Env): string[] {
  return readList(env, 'ALLOWED_ORIGINS').map((origin) => {
    const url = URL.canParse(origin) ? new URL(origin) : undefined
    if (
      !url ||
      !['http:', 'https:'].includes(url.protocol) ||
      url.origin !== origin.replace(/\/$/, '').toLowerCase()
    ) {
      throw new ConfigError(`ALLOWED_ORIGINS takes origins such as https://example.org, not "${origin}"`)
    }
    return url.origin
  })
}

/** Names that stand for ranges in proxy-addr, which Fastify asks. */
const NAMED_RANGES = ['loopback', 'linklocal', 'uniquelocal']

function readProxies(env: Env): string[] {
  const items = readList(env, 'TRUSTED_PROXIES')
  for (const item of items) {
    const [address = '', bits, ...rest] = item.split('/')
    const most = isIP(address) === 6 ? 128 : 32
    const bitsOk = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most)
    if (!NAMED_RANGES.includes(item) && !(isIP(address) && bitsOk && rest.length === 0)) {
      throw new ConfigError(
        `TRUSTED_PROXIES takes comma-separated addresses and CIDRs such as 10.0.0.0/8, not "${item}"`,
      )
    }
  }
  return items.length > 0 ? items : ['loopback']
}

/** `localhost` can be two addresses, and Fastify would listen on both, with our sockets attached to one. */
function readHost(env: Env): string {
  const host = readString(env, 'HOST')
  return host === undefined || host.toLowerCase() === 'localhost' ? '127.0.0.1' : host
}

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url))

/**
 * The common part of a service's configuration.
 * @param options.root the folder that a relative `DATA_DIR` is relative to, and whose revision is told: the repository's
 */
export function readCommonConfig(
  env: Env,
  { port, root = REPOSITORY }: { port: number; root?: string },
): CommonConfig {
  const production = env['NODE_ENV'] === 'production'
  const sha = readString(env, 'GIT_SHA')?.toLowerCase()
  if (sha !== undefined && !/^[0-9a-f]{40}$/.test(sha)) throw new ConfigError('GIT_SHA takes 40 hex digits')
  return {
    host: readHost(env),
    port: readInteger(env, 'PORT', { min: 0, max: 65_535, fallback: port }),
    databaseUrl: readUrl(env, 'DATABASE_URL', ['postgresql', 'postgres']),
    redisUrl: readRedisUrl(env),
    jwtSecrets: readJwtSecrets(env, production),
    dataDir: resolve(root, readString(env, 'DATA_DIR') ?? '.data'),
    allowedOrigins: readOrigins(env),
    trustedProxies: readProxies(env),
    logLevel: readOneOf(env, 'LOG_LEVEL', LOG_LEVELS, 'info'),
    limits: readOneOf(env, 'LIMITS', ['on', 'off'], 'on') === 'on',
    gitSha: sha ?? gitRevision(root),
    production,
  }
}
