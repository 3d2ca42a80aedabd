import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import type { PrismaPGlite } from 'pglite-prisma-adapter'
import { ConfigError } from './config.ts'

/** Rows of one statement, by column name. */
export type Rows = Record<string, unknown>[]

/** A statement that is prepared once in each connection; the name is the statement's alone. */
export interface Statement {
  name: string
  text: string
}

/** One session inside a transaction. */
export interface Session {
  query(sql: string, parameters?: unknown[]): Promise<Rows>
  /** Several statements at once, without parameters. */
  script(sql: string): Promise<void>
}

/** PostgreSQL: a server's, or PGlite's inside this process. */
export interface Database extends AsyncDisposable {
  /** Inside this process, so nobody else can see or change it. */
  readonly embedded: boolean
  /** For `new PrismaClient({ adapter })`; the clients share the connections, and disconnecting one leaves them. */
  adapter(schema: string): PrismaPg | PrismaPGlite
  /** Outside of any transaction. For what each message or connection costs: Prisma's own work on it is ten times this one. */
  query<Row extends Record<string, unknown>>(statement: Statement, parameters: unknown[]): Promise<Row[]>
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** Rejects where the database does not answer. */
  ping(): Promise<void>
}

/** Milliseconds until a connection, and until an answer; a database that needs longer counts as gone. */
const CONNECT_TIMEOUT_MS = 3_000
const QUERY_TIMEOUT_MS = 10_000
/** How long a start waits for a server that is still starting. */
const START_PATIENCE_MS = 15_000

/**
 * Opens `url`, or the embedded database in the folder `directory` (`memory://` keeps nothing).
 * @param where.image what a new embedded one is a copy of, as PGlite's `dumpDataDir` answers it
 * @throws ConfigError where the server does not answer within 15 s
 */
export function openDatabase({
  url,
  ...embedded
}: {
  url: string | undefined
  directory: string
  image?: Blob
}): Promise<Database> {
  return url === undefined ? openEmbedded(embedded) : openServer(url)
}

/** Loaded where it is used only: a service on PostgreSQL does without, and images leave it out. */
async function loadEmbedded() {
  try {
    const [{ PGlite }, { PrismaPGlite }] = await Promise.all([
      import('@electric-sql/pglite'),
      import('pglite-prisma-adapter'),
    ])
    return { PGlite, PrismaPGlite }
  } catch {
    throw new ConfigError('DATABASE_URL is missing, and no embedded database is installed here')
  }
}

async function openEmbedded({ directory, image }: { directory: string; image?: Blob }): Promise<Database> {
  const { PGlite, PrismaPGlite } = await loadEmbedded()
  const pglite = await PGlite.create(directory, image ? { loadDataDir: image } : {})
  return {
    embedded: true,
    adapter: () => new PrismaPGlite(pglite),
    query: async <Row>({ text }: Statement, parameters: unknown[]) =>
      (await pglite.query<Row>(text, parameters)).rows,
    async transaction(work) {
      return pglite.transaction((tx) =>
        work({
          query: async (sql, parameters) => (await tx.query<Record<string, unknown>>(sql, parameters)).rows,
          script: async (sql) => void (await tx.exec(sql)),
        }),
      )
    },
    ping: async () => void (await pglite.query('SELECT 1')),
    [Symbol.asyncDispose]: () => pglite.close(),
  }
}

async function openServer(url: string): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  })
  // An idle connection that breaks is replaced at the next query, which reports it if it cannot be.
  pool.on('error', () => {})
  // So does each adapter, of which there is one a schema.
  pool.setMaxListeners(0)
  await waitForServer(pool)
  return {
    embedded: false,
    adapter: (schema) => new PrismaPg(pool, { schema }),
    query: async <Row extends Record<string, unknown>>(statement: Statement, values: unknown[]) =>
      (await pool.query<Row>({ ...statement, values })).rows,
    transaction: (work) => transactionOn(pool, work),
    ping: async () => void (await pool.query('SELECT 1')),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

async function waitForServer(pool: pg.Pool): Promise<void> {
  const deadline = Date.now() + START_PATIENCE_MS
  for (;;) {
    try {
      await pool.query('SELECT 1')
      return
    } catch (error) {
      if (!isUnavailable(error) || Date.now() > deadline) {
        await pool.end()
        throw new ConfigError(
          `DATABASE_URL: PostgreSQL cannot be used (${(error as Error).message || (error as { code?: string }).code})`,
        )
      }
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
}

async function transactionOn<T>(pool: pg.Pool, work: (session: Session) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let failure: Error | undefined
  // A connection that breaks between two queries tells it here, and at the next query.
  const broken = (error: Error) => {
    failure = error
  }
  client.on('error', broken)
  try {
    await client.query('BEGIN')
    const result = await work({
      query: async (sql, parameters) => (await client.query<Record<string, unknown>>(sql, parameters)).rows,
      script: async (sql) => void (await client.query(sql)),
    })
    await client.query('COMMIT')
    return result
  } catch (error) {
    failure = error as Error
    throw error
  } finally {
    // A connection whose transaction failed is closed rather than rolled back: it may be the connection that failed.
    client.off('error', broken)
    client.release(failure)
  }
}

/** PostgreSQL's classes "connection exception" (08), "insufficient resources" (53) and "operator intervention" (57). */
const SQLSTATE_AWAY = /^(08|53|57)[0-9A-Z]{3}$/
/** Prisma: cannot reach, timed out, closed, no connection free in time. */
const PRISMA_AWAY = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028'])
const SYSTEM_AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
])
/** pg gives these no code. */
const PG_AWAY =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error)/

/** Says of an error, or of what caused it, that the database was away: the same call may succeed later. */
export function isUnavailable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, message, cause, kind, originalCode, errors } = error as Record<string, unknown>
  if (kind === 'DatabaseNotReachable' || kind === 'SocketTimeout' || kind === 'ConnectionClosed') return true
  const codes = [code, originalCode].filter((one) => typeof one === 'string')
  if (codes.some((one) => SQLSTATE_AWAY.test(one) || PRISMA_AWAY.has(one) || SYSTEM_AWAY.has(one)))
    return true
  if (typeof message === 'string' && PG_AWAY.test(message)) return true
  return isUnavailable(cause) || (Array.isArray(errors) && errors.some(isUnavailable))
}
