import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inMemory } from '@switchboard/testing/pglite'
import { livePostgres } from '@switchboard/testing/postgres'
import { findServer } from '@switchboard/testing/servers'
import { tempDir } from '@switchboard/testing/temp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from '../src/database.ts'
import { migrate } from '../src/migrate.ts'

/** A folder of migrations in Prisma's layout. */
async function folderOf(path: string, migrations: Record<string, string>) {
  for (const [name, sql] of Object.entries(migrations)) {
    await mkdir(join(path, name), { recursive: true })
    await writeFile(join(path, name, 'migration.sql'), sql)
  }
  await writeFile(join(path, 'migration_lock.toml'), 'provider = "postgresql"\n')
  return pathToFileURL(`${path}/`)
}

const FIRST = {
  '20260101000000_first': 'CREATE SCHEMA IF NOT EXISTS "shop"; CREATE TABLE "shop"."item" (id int);',
}
const SECOND = { ...FIRST, '20260102000000_second': 'INSERT INTO "shop"."item" VALUES (1);' }

let database: Database
beforeAll(async () => {
  database = await openDatabase(await inMemory())
})
afterAll(() => database[Symbol.asyncDispose]())

const query = (sql: string) => database.transaction((session) => session.query(sql))

test('migrations are applied once, in order, and recorded as Prisma does', async () => {
  await using dir = await tempDir()
  expect(await migrate(database, { schema: 'shop', folder: await folderOf(dir.path, FIRST) })).toEqual([
    '20260101000000_first',
  ])
  expect(await migrate(database, { schema: 'shop', folder: await folderOf(dir.path, SECOND) })).toEqual([
    '20260102000000_second',
  ])
  expect(await migrate(database, { schema: 'shop', folder: await folderOf(dir.path, SECOND) })).toEqual([])
  expect(await query('SELECT id FROM shop.item')).toEqual([{ id: 1 }])
  const rows = await query(
    'SELECT migration_name, applied_steps_count FROM shop._prisma_migrations ORDER BY 1',
  )
  expect(rows).toEqual([
    { migration_name: '20260101000000_first', applied_steps_count: 1 },
    { migration_name: '20260102000000_second', applied_steps_count: 1 },
  ])
})

test('a migration that fails leaves nothing behind, of the others either', async () => {
  await using dir = await tempDir()
  const folder = await folderOf(dir.path, {
    '1_good': 'CREATE TABLE "bad"."t" (n int);',
    '2_bad': 'CREATE TABLE nonsense;',
  })
  await expect(migrate(database, { schema: 'bad', folder })).rejects.toThrow('syntax error')
  expect(await query(`SELECT 1 FROM information_schema.schemata WHERE schema_name = 'bad'`)).toEqual([])
})

test('a migration that was changed after it was applied stops the start by name', async () => {
  await using dir = await tempDir()
  await migrate(database, { schema: 'edited', folder: await folderOf(dir.path, { '1_x': 'SELECT 1;' }) })
  const folder = await folderOf(dir.path, { '1_x': 'SELECT 2;' })
  await expect(migrate(database, { schema: 'edited', folder })).rejects.toThrow('1_x of edited was changed')
})

test('a migration that Prisma left half done stops the start by name', async () => {
  await using dir = await tempDir()
  const folder = await folderOf(dir.path, { '1_x': 'SELECT 1;' })
  await migrate(database, { schema: 'half', folder })
  await query('UPDATE half._prisma_migrations SET finished_at = NULL')
  await expect(migrate(database, { schema: 'half', folder })).rejects.toThrow('1_x of half failed before')
})

describe.skipIf(!findServer('postgres'))('on a real PostgreSQL', () => {
  test('processes that start at once wait for each other', async () => {
    await using server = await livePostgres()
    await using dir = await tempDir()
    const folder = await folderOf(dir.path, SECOND)
    const url = await server.createDatabase()
    const processes = await Promise.all(Array.from({ length: 4 }, () => openDatabase({ url, directory: '' })))
    const applied = await Promise.all(processes.map((one) => migrate(one, { schema: 'shop', folder })))
    expect(applied.flat()).toEqual(Object.keys(SECOND))
    await Promise.all(processes.map((one) => one[Symbol.asyncDispose]()))
  })
})
