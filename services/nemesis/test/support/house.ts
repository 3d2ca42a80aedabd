import { type Accounts, createAccounts } from '@switchboard/auth/accounts'
import { MemoryBroker, MemoryBus } from '@switchboard/hub/broker-memory'
import { MemoryPresence, MemoryPresenceStore } from '@switchboard/hub/presence-memory'
import { type Database, openDatabase, type Rows } from '@switchboard/kit/database'
import { memoryLimits } from '@switchboard/kit/limits'
import { type Listening, listen } from '@switchboard/testing/listen'
import { inMemory } from '@switchboard/testing/pglite'
import { tempDir } from '@switchboard/testing/temp'
import type { FastifyInstance } from 'fastify'
import { createApp } from '../../src/app.ts'
import { type NemesisConfig, readConfig } from '../../src/config.ts'
import type { Role } from '../../src/domain/rights.ts'
import { openStorage, type Storage } from '../../src/storage.ts'
import { demoSlapd, ldapEnv, leaveGroups } from './slapd.ts'

export const SECRET = 'nemesis-test-secret-of-32-bytes-and-more'
export const SHA = '0123456789abcdef0123456789abcdef01234567'

export const LEADER = { username: 'teacher_coll1', password: 'facebees' }

type Env = Record<string, string>

const configOf = (env: Env): NemesisConfig =>
  readConfig({ JWT_SECRET: SECRET, LOG_LEVEL: 'silent', GIT_SHA: SHA, PORT: '0', ...env })

type Parameters = Record<string, string>

/** One process of the service. */
export interface Process extends AsyncDisposable {
  server: Listening
  app: Awaited<ReturnType<typeof createApp>>
  get(path: string, token?: string): Promise<Answer>
  /** As a form. */
  post(path: string, parameters?: Parameters, token?: string): Promise<Answer>
  postJson(path: string, body: unknown, token?: string): Promise<Answer>
  token(credentials?: typeof LEADER): Promise<string>
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  /** `undefined`: not JSON. */
  body: unknown
}

export async function request(url: string, options: RequestInit = {}): Promise<Answer> {
  const { status, headers, ...response } = await fetch(url, options).then(async (it) => ({
    status: it.status,
    headers: it.headers,
    text: await it.text(),
  }))
  let body: unknown
  try {
    body = JSON.parse(response.text)
  } catch {}
  return { status, headers, text: response.text, body }
}

const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` }

function processOf(app: Process['app'], server: Listening): Process {
  const at = (path: string) => `${server.url}${path}`
  const post: Process['post'] = (path, parameters = {}, token) =>
    request(at(path), { method: 'POST', body: new URLSearchParams(parameters), headers: bearer(token) })
  return {
    server,
    app,
    get: (path, token) => request(at(path), { headers: bearer(token) }),
    post,
    postJson: (path, body, token) =>
      request(at(path), {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...bearer(token) },
      }),
    async token(credentials = LEADER) {
      const { body } = await post('/auth', credentials)
      return (body as { token: string }).token
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

interface NewPerson {
  userid: string
  email?: string
  roles?: Role[]
  colleges?: string[]
  teams?: string[]
}

/** Of everyone that {@link House.add} makes. */
const PASSWORD = 'correct horse'

/** Where people are kept. */
export type DirectoryKind = 'database' | 'ldap'

/** A directory with the demo people, a database, a bus and counters, and as many processes on them as a test wants. */
export interface House extends AsyncDisposable {
  database: Database
  bus: MemoryBus
  storage: Storage
  /** Of the database directory. */
  accounts: Accounts
  /** The processes' `DATA_DIR`. */
  dir: string
  process(env?: Env): Promise<Process>
  rows(sql: string): Promise<Rows>
  /** Someone in the directory; without `roles` somebody who is not, which only the database directory knows. */
  add(person: NewPerson): Promise<{ username: string; password: string }>
  /** `false`: it is no password of that person. */
  isPassword(userid: string, password: string): Promise<boolean>
  emailOf(userid: string): Promise<string | undefined>
  /** Takes every role, college and team from somebody, behind the service's back. */
  strip(userid: string): Promise<void>
  /** Everything out of the database's tables. */
  empty(): Promise<void>
}

export interface HouseOptions {
  directory?: DirectoryKind
  /** Of a PostgreSQL server's database; absent: one in memory. */
  url?: string
}

/** How the directory is looked for, and what the service has no way to do. */
interface Ground {
  env: Env
  strip(userid: string): Promise<unknown>
}

async function groundOf(
  directory: DirectoryKind,
  { stack, rows }: { stack: AsyncDisposableStack; rows: House['rows'] },
): Promise<Ground> {
  if (directory === 'ldap') {
    const slapd = stack.use(await demoSlapd())
    return { env: ldapEnv(slapd), strip: (userid) => leaveGroups(slapd, userid) }
  }
  const person = (userid: string) => `(SELECT id FROM accounts.account WHERE username = '${userid}')`
  return {
    env: {},
    async strip(userid) {
      await rows(`UPDATE nemesis.person SET roles = '{}' WHERE account_id = ${person(userid)}`)
      await rows(`DELETE FROM nemesis.college_member WHERE account_id = ${person(userid)}`)
      await rows(`DELETE FROM nemesis.team_member WHERE account_id = ${person(userid)}`)
    },
  }
}

export async function openHouse({ directory: kind = 'database', url }: HouseOptions = {}): Promise<House> {
  await using stack = new AsyncDisposableStack()
  const { path: dir } = stack.use(await tempDir())
  const database = stack.use(await openDatabase({ ...(await inMemory()), url }))
  const rows = (sql: string) => database.transaction((session) => session.query(sql))
  const ground = await groundOf(kind, { stack, rows })
  const config = (env: Env = {}) => configOf({ DATA_DIR: dir, ...ground.env, ...env })
  const bus = new MemoryBus()
  const places = new MemoryPresenceStore()
  const limits = memoryLimits({ on: true })
  const broker = () => new MemoryBroker(bus)
  const storage = stack.use(await openStorage({ database, broker: broker(), config: config() }))
  const { directory } = storage
  const accounts = stack.adopt(createAccounts({ database, broker: broker() }), (it) => it.close())
  const processes = stack.use(new AsyncDisposableStack())
  const owned = stack.move()
  return {
    database,
    bus,
    storage,
    accounts,
    dir,
    rows,
    async add({ userid: username, email, roles, colleges = [], teams = [] }) {
      await directory.addColleges(colleges.map((name) => ({ name, title: `The ${name}` })))
      await directory.addTeams(teams)
      const person = { firstName: 'Test', surname: username, roles: roles ?? [], colleges, teams }
      const added =
        roles || kind === 'ldap'
          ? await directory.add({ ...person, userid: username, email, password: PASSWORD })
          : await accounts.create({ username, password: PASSWORD, email })
      if (!added.ok) throw new Error(added.error.message)
      return { username, password: PASSWORD }
    },
    isPassword: async (userid, password) => (await directory.authenticate(userid, password)).ok,
    emailOf: async (userid) => (await directory.person(userid))?.email,
    strip: async (userid) => void (await ground.strip(userid)),
    async empty() {
      await rows(
        `TRUNCATE accounts.account, nemesis.person, nemesis.college, nemesis.team, nemesis.registration, nemesis.seed
         RESTART IDENTITY CASCADE`,
      )
    },
    async process(env) {
      const own = broker()
      const presence = new MemoryPresence(places, own.process)
      const app = await createApp(config(env), { database, broker: own, presence, limits })
      const server = await listen(app as unknown as FastifyInstance)
      const process = processOf(app, server)
      processes.use(process)
      return process
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
