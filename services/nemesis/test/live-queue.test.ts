import { fileURLToPath } from 'node:url'
import { eventually } from '@switchboard/testing/eventually'
import { livePostgres } from '@switchboard/testing/postgres'
import { type Running, start } from '@switchboard/testing/process'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, openHouse, request, SECRET } from './support/house.ts'
import { addAdministrator, mailed } from './support/queue.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** What an approval writes, in this order: when a trigger stops it there. */
const WRITES = [
  [
    'keeps the userid',
    'BEFORE UPDATE ON nemesis.registration',
    'WHEN (OLD.userid IS DISTINCT FROM NEW.userid)',
  ],
  ['makes the person', 'BEFORE INSERT ON nemesis.person', ''],
  ['decides', 'BEFORE UPDATE ON nemesis.registration', `WHEN (NEW.state = 'approved')`],
  ['queues the mail', 'BEFORE INSERT ON nemesis.mail', ''],
] as const

/** Any number: an advisory lock, for which the trigger waits. */
const LOCK = 4711

describe.skipIf(!findServer('postgres'))('real processes on one database', () => {
  const stack = new AsyncDisposableStack()
  let house: House
  let survivor: Running
  const victims: Running[] = []
  let token: string
  beforeAll(async () => {
    const url = await stack.use(await livePostgres()).createDatabase()
    house = stack.use(await openHouse({ url }))
    const env = { DATABASE_URL: url, DATA_DIR: house.dir, JWT_SECRET: SECRET, LOG_LEVEL: 'silent' }
    const started = await Promise.all(Array.from({ length: WRITES.length + 1 }, () => start(MAIN, env)))
    for (const process of started) stack.use(process)
    survivor = started[0] as Running
    victims.push(...started.slice(1))
    const { username, password } = await addAdministrator(house)
    await house.storage.directory.addColleges([{ name: 'college-1', title: 'one' }])
    await house.storage.directory.addTeams(['team-ABC'])
    const body = new URLSearchParams({ username, password })
    token = ((await request(`${survivor.url}/auth`, { method: 'POST', body })).body as { token: string })
      .token
    await house.rows(`CREATE FUNCTION nemesis.wait() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock(${LOCK}); RETURN NEW; END $$`)
  }, 90_000)
  afterAll(() => stack.disposeAsync())

  async function registered(name: string): Promise<number> {
    const row = { first_name: name, last_name: name, email: `${name}@example.org`, team: 'team-ABC' }
    await house.storage.queue.add({ ...row, teamKnown: true, leader: 'teacher', college: 'college-1' })
    const [last] = await house.rows('SELECT max(id)::int AS id FROM nemesis.registration')
    return last?.['id'] as number
  }
  const approve = (id: number, { url }: Running) =>
    request(`${url}/registrations/${id}/approve`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    })
  const count = async (what: string) => (await house.rows(`SELECT count(*)::int AS n ${what}`))[0]?.['n']

  /** One person, in place; one mail; decided. */
  async function expectDone(id: number, userid: string): Promise<void> {
    const { directory, queue } = house.storage
    expect(await queue.get(id)).toMatchObject({ state: 'approved', userid })
    expect(await directory.useridsFrom(userid.slice(0, -1))).toEqual([userid])
    expect((await directory.members('college-1')).userids).toContain(userid)
    expect((await mailed(house)).filter((one) => one === userid)).toHaveLength(1)
  }

  it('of which all approve the same at once make one person each, and send one mail', async () => {
    const names = ['q', 'r', 's', 't', 'u', 'v']
    const ids: number[] = []
    for (const name of names) ids.push(await registered(name))
    const all = [survivor, ...victims]
    const answers = await Promise.all(ids.flatMap((id) => all.map((process) => approve(id, process))))
    for (const { status } of answers) expect([200, 409]).toContain(status)
    for (const [n, id] of ids.entries()) {
      expect((await approve(id, survivor)).status).toBe(200)
      await expectDone(id, `1_${names[n]}${names[n]}1`)
    }
  })

  it.each(WRITES.map((write, n) => [write[0], n] as const))(
    'whoever comes after one that was killed when it %s goes on where it ended',
    async (_what, n) => {
      const name = 'abcd'.charAt(n)
      const victim = victims[n] as Running
      const id = await registered(name)
      const [, event, when] = WRITES[n] as (typeof WRITES)[number]
      await house.rows(`CREATE TRIGGER wait ${event} FOR EACH ROW ${when} EXECUTE FUNCTION nemesis.wait()`)
      const waits = `FROM pg_locks WHERE locktype = 'advisory' AND objid = ${LOCK} AND NOT granted`
      await house.database.transaction(async (session) => {
        await session.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
        const broken = expect(approve(id, victim)).rejects.toThrow()
        await eventually(async () => (await count(waits)) === 1)
        await victim.stop('SIGKILL')
        await broken
      })
      // The server ends what it was at: a lone statement is done, a transaction is not.
      await eventually(async () => (await count(waits)) === 0)
      await house.rows(`DROP TRIGGER wait ON ${/ON (\S+)/.exec(event)?.[1]}`)

      expect(await approve(id, survivor)).toMatchObject({ status: 409 })
      await house.rows(
        `UPDATE nemesis.registration SET leased_until = now() - interval '1 s' WHERE id = ${id}`,
      )
      expect(await approve(id, survivor)).toMatchObject({
        status: 200,
        body: { userid: `1_${name}${name}1` },
      })
      await expectDone(id, `1_${name}${name}1`)
    },
    30_000,
  )
})
