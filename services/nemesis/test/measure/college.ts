/**
 * `pnpm --filter @switchboard/nemesis measure`: how long `GET /college` takes with 2,000 people in 40 colleges, on the
 * LDAP directory beside the database directory, in turns on one machine. Prints milliseconds.
 */
import { fileURLToPath } from 'node:url'
import { passwords } from '@switchboard/auth/passwords'
import { openDatabase } from '@switchboard/kit/database'
import { livePostgres } from '@switchboard/testing/postgres'
import { type Running, start } from '@switchboard/testing/process'
import { liveSlapd } from '@switchboard/testing/slapd'
import { makeSchool, SCHOOL_PASSWORD, type School } from '../support/school.ts'
import { ldapEnv } from '../support/slapd.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const ROUNDS = 2
const REQUESTS = 1_000
const AT_ONCE = [1, 16]

/** As accounts with one hash for all, because 2,000 take a minute to make. */
async function fill(url: string, { people, leaders, colleges, teams }: School): Promise<void> {
  await using database = await openDatabase({ url, directory: '' })
  const hash = await passwords.hash(SCHOOL_PASSWORD)
  await database.transaction(async ({ query }) => {
    await query(
      'INSERT INTO nemesis.college (name, title) SELECT name, name FROM unnest($1::text[]) AS name',
      [colleges],
    )
    await query('INSERT INTO nemesis.team (name) SELECT * FROM unnest($1::text[])', [teams])
    await query(
      `WITH given AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS given(userid, college, team)),
            account AS (
              INSERT INTO accounts.account (username, username_key, password_hash)
              SELECT userid, userid, $4 FROM given RETURNING id, username
            ),
            person AS (
              INSERT INTO nemesis.person (account_id, first_name, surname, roles)
              SELECT id, 'Given', 'Name', CASE WHEN username = ANY($5::text[]) THEN '{team-leader}'::text[] ELSE '{}' END
              FROM account RETURNING account_id
            ),
            college AS (
              INSERT INTO nemesis.college_member (college, account_id)
              SELECT given.college, id FROM given JOIN account ON username = userid
            )
       INSERT INTO nemesis.team_member (team, account_id)
       SELECT given.team, id FROM given JOIN account ON username = userid WHERE given.team IS NOT NULL`,
      [
        people.map(({ userid }) => userid),
        people.map(({ college }) => college),
        people.map(({ team }) => team ?? null),
        hash,
        leaders,
      ],
    )
  })
}

async function tokensOf({ url }: Running, leaders: readonly string[]): Promise<string[]> {
  const tokens: string[] = []
  for (const username of leaders) {
    const body = new URLSearchParams({ username, password: SCHOOL_PASSWORD })
    const response = await fetch(`${url}/auth`, { method: 'POST', body })
    tokens.push(((await response.json()) as { token: string }).token)
  }
  return tokens
}

/** Milliseconds of each request; the answer is read to its end. */
async function ask({ url }: Running, tokens: readonly string[], atOnce: number): Promise<number[]> {
  const took: number[] = []
  let next = 0
  const worker = async () => {
    for (let index = next++; index < REQUESTS; index = next++) {
      const begun = performance.now()
      const response = await fetch(`${url}/college`, {
        headers: { authorization: `Bearer ${tokens[index % tokens.length]}` },
      })
      const { userids } = (await response.json()) as { userids: string[] }
      if (userids.length !== 50) throw new Error(`${response.status}: ${userids.length} people`)
      took.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return took
}

const quantile = (sorted: readonly number[], part: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN).toFixed(1)

const school = makeSchool({ colleges: 40, each: 50 })
await using postgres = await livePostgres()
await using slapd = await liveSlapd({ ldif: school.ldif })
const common = { LIMITS: 'off', LOG_LEVEL: 'silent', JWT_SECRET: 'x'.repeat(32) }
const url = await postgres.createDatabase()
await using inDatabase = await start(MAIN, { ...common, DATABASE_URL: url })
await fill(url, school)
await using inLdap = await start(MAIN, {
  ...common,
  ...ldapEnv(slapd),
  DATABASE_URL: await postgres.createDatabase(),
})
const directories = [
  { name: 'database', process: inDatabase, tokens: await tokensOf(inDatabase, school.leaders) },
  { name: 'LDAP', process: inLdap, tokens: await tokensOf(inLdap, school.leaders) },
]
for (const atOnce of AT_ONCE) {
  const all = new Map(directories.map(({ name }) => [name, [] as number[]]))
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { name, process, tokens } of directories) {
      const took = await ask(process, tokens, atOnce)
      if (round > 0) all.get(name)?.push(...took)
    }
  }
  for (const [name, took] of all) {
    const sorted = took.toSorted((a, b) => a - b)
    console.log(
      `${name}, ${atOnce} at once: median ${quantile(sorted, 0.5)} ms, p99 ${quantile(sorted, 0.99)} ms, most ${quantile(sorted, 1)} ms`,
    )
  }
}
