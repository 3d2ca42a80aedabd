import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database, Session } from './database.ts'

/** A part that keeps something: its Postgres schema, and the folder of its migrations in Prisma's layout. */
export interface Owner {
  schema: string
  /** A path, or a `file:` URL. */
  folder: string | URL
}

interface Migration {
  name: string
  sql: string
  /** SHA-256 of the file in hex, as Prisma records it. */
  checksum: string
}

/** The advisory lock that `prisma migrate` takes, so that the two wait for each other. */
const PRISMA_LOCK = 72707369

async function readMigrations(folder: string | URL): Promise<Migration[]> {
  const path = typeof folder === 'string' ? folder : fileURLToPath(folder)
  const entries = await readdir(path, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(path, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

/** The table as `prisma migrate deploy` makes it. */
const tableOf = (schema: string) => `
  CREATE SCHEMA IF NOT EXISTS "${schema}";
  CREATE TABLE IF NOT EXISTS "${schema}"."_prisma_migrations" (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  );`

async function applied(session: Session, schema: string): Promise<Map<string, string>> {
  const rows = await session.query(
    `SELECT migration_name, checksum, finished_at FROM "${schema}"."_prisma_migrations" WHERE rolled_back_at IS NULL`,
  )
  const failed = rows.find((row) => row['finished_at'] === null)
  if (failed) {
    throw new Error(
      `migration ${failed['migration_name']} of ${schema} failed before; mend it, then: prisma migrate resolve`,
    )
  }
  return new Map(rows.map((row) => [String(row['migration_name']), String(row['checksum'])]))
}

async function apply(session: Session, schema: string, { name, sql, checksum }: Migration): Promise<void> {
  await session.script(sql)
  await session.query(
    `INSERT INTO "${schema}"."_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count)
     VALUES ($1, $2, $3, now(), 1)`,
    [randomUUID(), checksum, name],
  )
}

/**
 * Applies what is missing, all of it or nothing, one process at a time, and records it where `prisma migrate deploy`
 * looks (with `?schema=<schema>` in its URL). Answers the names of what was applied.
 * @throws Error where a migration was changed after it was applied
 */
export async function migrate(database: Database, { schema, folder }: Owner): Promise<string[]> {
  const migrations = await readMigrations(folder)
  return database.transaction(async (session) => {
    await session.query('SELECT pg_advisory_xact_lock($1)', [PRISMA_LOCK])
    await session.script(tableOf(schema))
    const done = await applied(session, schema)
    const changed = migrations.find(({ name, checksum }) => done.has(name) && done.get(name) !== checksum)
    if (changed) throw new Error(`migration ${changed.name} of ${schema} was changed after it was applied`)
    const missing = migrations.filter(({ name }) => !done.has(name))
    for (const migration of missing) await apply(session, schema, migration)
    return missing.map(({ name }) => name)
  })
}
