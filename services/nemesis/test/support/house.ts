import { type Accounts, createAccounts } from '@switchboard/auth/accounts'
import { MemoryBroker, MemoryBus } from '@switchboard/hub/broker-memory'
import { type Database, openDatabase, type Rows } from '@switchboard/kit/database'
import { memoryLimits } from '@switchboard/kit/limits'
import { type Listening, listen } from '@switchboard/testing/listen'
import { inMemory } from '@switchboard/testing/pglite'
import type { FastifyInstance } from 'fastify'
import { createApp } from '../../src/app.ts'
import { type NemesisConfig, readConfig } from '../../src/config.ts'
import type { Role } from '../../src/domain/rights.ts'
import { openStorage, type Storage } from '../../src/storage.ts'

export const SECRET = 'nemesis-test-secret-of-32-bytes-and-more'
export const SHA = '0123456789abcdef0123456789abcdef01234567'

export const LEADER = { username: 'teacher_coll1', password: 'facebees' }

const configOf = (env: Record<string, string> = {}): NemesisConfig =>
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

interface NewPerson {
  userid: string
  email?: string
  roles?: Role[]
  colleges?: string[]
  teams?: string[]
}

/** Of everyone that {@link House.add} makes. */
const PASSWORD = 'correct horse'

/** A database, a bus and counters, and as many processes on them as a test wants. */
export interface House extends AsyncDisposable {
  database: Database
  bus: MemoryBus
  storage: Storage
  accounts: Accounts
  process(env?: Record<string, string>): Promise<Process>
  rows(sql: string): Promise<Rows>
  /** Someone with an account; in the directory where there are roles or places. */
  add(person: NewPerson): Promise<{ username: string; password: string }>
  /** Everything out of the tables. */
  empty(): Promise<void>
}

export async function openHouse(url?: string): Promise<House> {
  await using stack = new AsyncDisposableStack()
  const database = stack.use(await openDatabase({ ...(await inMemory()), url }))
  const bus = new MemoryBus()
  const limits = memoryLimits({ on: true })
  const broker = () => new MemoryBroker(bus)
  const storage = stack.use(await openStorage({ database, broker: broker(), config: configOf() }))
  const accounts = createAccounts({ database, broker: broker() })
  const rows = (sql: string) => database.transaction((session) => session.query(sql))
  const processes = stack.use(new AsyncDisposableStack())
  const owned = stack.move()
  return {
    database,
    bus,
    storage,
    accounts,
    rows,
    async add({ userid: username, email, roles, colleges = [], teams = [] }) {
      const { directory } = storage
      await directory.addColleges(colleges.map((name) => ({ name, title: `The ${name}` })))
      await directory.addTeams(teams)
      const person = { firstName: 'Test', surname: username, roles: roles ?? [], colleges, teams }
      const added = roles
        ? await directory.add({ ...person, userid: username, email, password: PASSWORD })
        : await accounts.create({ username, password: PASSWORD, email })
      if (!added.ok) throw new Error(added.error.message)
      return { username, password: PASSWORD }
    },
    async empty() {
      await rows(
        `TRUNCATE accounts.account, nemesis.person, nemesis.college, nemesis.team, nemesis.registration, nemesis.seed
         RESTART IDENTITY CASCADE`,
      )
    },
    async process(env = {}) {
      const app = await createApp(configOf(env), { database, broker: broker(), limits })
      const server = await listen(app as unknown as FastifyInstance)
      const at = (path: string) => `${server.url}${path}`
      const post: Process['post'] = (path, parameters = {}, token) =>
        request(at(path), { method: 'POST', body: new URLSearchParams(parameters), headers: bearer(token) })
      const started: Process = {
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
      processes.use(started)
      return started
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
