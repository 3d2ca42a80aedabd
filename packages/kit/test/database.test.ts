import { livePostgres } from '@switchboard/testing/postgres'
import { findServer } from '@switchboard/testing/servers'
import { tempDir } from '@switchboard/testing/temp'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../src/config.ts'
import { isUnavailable, openDatabase } from '../src/database.ts'

const SUM = { name: 'sum', text: 'SELECT sum(n)::int AS sum, $2::text AS said FROM unnest($1::int[]) AS n' }

test('a statement is asked for again and again, of the embedded database', async () => {
  await using database = await openDatabase({ url: undefined, directory: 'memory://' })
  expect(await database.query<{ sum: number }>(SUM, [[1, 2], 'a'])).toEqual([{ sum: 3, said: 'a' }])
  expect(await database.query<{ sum: number }>(SUM, [[4], 'b'])).toEqual([{ sum: 4, said: 'b' }])
  await expect(database.query(SUM, [['x'], ''])).rejects.toThrow()
})

test('what the embedded database holds survives a restart', async () => {
  await using dir = await tempDir()
  const where = { url: undefined, directory: dir.path }
  {
    await using database = await openDatabase(where)
    expect(database.embedded).toBe(true)
    await database.transaction((session) =>
      session.script('CREATE TABLE t (n int); INSERT INTO t VALUES (7)'),
    )
  }
  await using again = await openDatabase(where)
  expect(await again.transaction((session) => session.query('SELECT n FROM t WHERE n = $1', [7]))).toEqual([
    { n: 7 },
  ])
})

describe.skipIf(!findServer('postgres'))('on a real PostgreSQL', () => {
  test('a transaction that fails leaves nothing', async () => {
    await using server = await livePostgres()
    await using database = await openDatabase({ url: await server.createDatabase(), directory: '' })
    expect(database.embedded).toBe(false)
    const failing = database.transaction(async (session) => {
      await session.script('CREATE TABLE t (n int)')
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    await expect(database.transaction((session) => session.query('SELECT * FROM t'))).rejects.toThrow(
      'does not exist',
    )
  })

  test('a statement is prepared once, and its failures are those of the database', async () => {
    await using server = await livePostgres()
    await using database = await openDatabase({ url: await server.createDatabase(), directory: '' })
    expect(await database.query<{ sum: number }>(SUM, [[1, 2], 'a'])).toEqual([{ sum: 3, said: 'a' }])
    await expect(database.query(SUM, [['x'], ''])).rejects.toMatchObject({ code: '22P02' })
    expect(await database.query<{ sum: number }>(SUM, [[4], 'b'])).toEqual([{ sum: 4, said: 'b' }])
    const known = {
      name: 'known',
      text: "SELECT count(*)::int AS n FROM pg_prepared_statements WHERE name = 'sum'",
    }
    expect(await database.query(known, [])).toEqual([{ n: 1 }])
    await server.stop()
    await expect(database.query(SUM, [[1], ''])).rejects.toSatisfy(isUnavailable)
  })

  test('a server that went away is unavailable, and used again once it is back', async () => {
    await using server = await livePostgres()
    await using database = await openDatabase({ url: await server.createDatabase(), directory: '' })
    await database.ping()
    await server.stop()
    const failure = await database.ping().then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(isUnavailable(failure)).toBe(true)
    await server.start()
    await database.ping()
  })

  test('a server that goes away inside a transaction fails that transaction, and nothing else', async () => {
    await using server = await livePostgres()
    await using database = await openDatabase({ url: await server.createDatabase(), directory: '' })
    const failing = database.transaction(async (session) => {
      await session.query('SELECT 1')
      await server.stop()
      await session.query('SELECT 1')
    })
    await expect(failing).rejects.toSatisfy(isUnavailable)
    await server.start()
    await database.transaction((session) => session.query('SELECT 1'))
  })

  test('a start waits for a server that is still starting', async () => {
    await using server = await livePostgres()
    const url = await server.createDatabase()
    await server.stop()
    const opening = openDatabase({ url, directory: '' })
    await server.start()
    await using database = await opening
    await database.ping()
  })

  test('a wrong database stops the start with one line', async () => {
    await using server = await livePostgres()
    const url = (await server.createDatabase()).replace(/test_\d+$/, 'nowhere')
    await expect(openDatabase({ url, directory: '' })).rejects.toThrow(ConfigError)
    await expect(openDatabase({ url, directory: '' })).rejects.toThrow(/^DATABASE_URL: .*nowhere/)
  })
})

describe('an error says that the database was away', () => {
  test.each([
    [{ code: '57P01' }],
    [{ code: 'ECONNREFUSED' }],
    [{ code: 'P1001' }],
    [{ code: 'P2010', meta: {}, cause: { kind: 'DatabaseNotReachable' } }],
    [new Error('Connection terminated unexpectedly')],
    [new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })])],
  ])('%o', (error) => expect(isUnavailable(error)).toBe(true))

  test.each([[undefined], [null], ['text'], [{ code: 'P2002' }], [{ code: '23505' }], [new Error('no')]])(
    'and not of %o',
    (error) => expect(isUnavailable(error)).toBe(false),
  )
})
