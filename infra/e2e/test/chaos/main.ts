/**
 * `pnpm chaos`: 3 chat processes, 300 clients in 10 rooms, 60 s of messages; in turn a process
 * is killed, Redis and PostgreSQL stop for 5 s each, and nginx restarts. Prints what became of every message; exits 1
 * where one that was acknowledged is lost, or anybody missed, doubled or misordered one.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { logIn, signUp } from '@switchboard/sdk/chat'
import pg from 'pg'
import { type Installation, startInstallation } from '../installation.ts'
import { type ChatClient, joinAs } from './client.ts'
import { createLedger, type Figures } from './ledger.ts'

const PROCESSES = 3
const ROOMS = 10
const CLIENTS = 300
const SECONDS = 60
/** Between two messages of one client. */
const PAUSE_MS = 1_000
/** How long those who lost their connection have to hear everything, once nothing more is said. */
const SETTLE_MS = 30_000

type History = Map<string, { id: string; text: string }[]>

const startedAt = Date.now()
const say = (what: string): void =>
  console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${what}`)

async function tokenOf(url: string, username: string): Promise<string> {
  const credentials = { username, secret: 'a secret' }
  await signUp({ url }, credentials)
  return (await logIn({ url }, credentials)).token
}

async function everybody({ url }: Installation, ledger: ReturnType<typeof createLedger>['ledger']) {
  const clients: ChatClient[] = []
  for (let number = 0; number < CLIENTS; number++) {
    const name = `client${number}`
    const room = `room${number % ROOMS}`
    clients.push(joinAs({ name, token: await tokenOf(url, name), url, room, ledger }))
  }
  await Promise.all(clients.map(({ room }) => room.opened))
  // Whoever saw one message can ask for what came after it.
  for (const client of clients.slice(0, ROOMS)) client.say()
  await until('all heard something', () => clients.every(({ room }) => room.last !== undefined))
  return clients
}

async function talk(client: ChatClient, delayMs: number, silence: AbortSignal): Promise<void> {
  for (await sleep(delayMs); !silence.aborted; await sleep(PAUSE_MS)) client.say()
}

async function until(what: string, isSo: () => boolean | Promise<boolean>, patienceMs = SETTLE_MS) {
  for (const deadline = Date.now() + patienceMs; !(await isSo()); await sleep(50))
    if (Date.now() > deadline) throw new Error(`after ${patienceMs / 1000} s not: ${what}`)
}

async function beAway(
  name: string,
  server: { stop(): Promise<void>; start(): Promise<void> },
): Promise<void> {
  say(`${name} goes for 5 s`)
  await server.stop()
  await sleep(5_000)
  await server.start()
  say(`${name} is back`)
}

async function disturb({ members, redis, postgres, nginx }: Installation): Promise<void> {
  const [victim] = members.chat
  await sleep(8_000)
  say('kill -9 of one chat process')
  await victim?.stop('SIGKILL')
  await sleep(3_000)
  await victim?.start()
  say('it runs again')
  await sleep(7_000)
  await beAway('Redis, which keeps nothing,', redis)
  await sleep(7_000)
  await beAway('PostgreSQL', postgres)
  await sleep(7_000)
  say('nginx restarts')
  await nginx.stop()
  await nginx.start()
}

async function readHistory(databaseUrl: string): Promise<History> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query<{ room: string; id: string; text: string }>(
    `SELECT r.name AS room, m.id::text AS id, m.text_json AS text
     FROM chat.message m JOIN chat.room r ON r.id = m.room_id ORDER BY m.number`,
  )
  await client.end()
  const history: History = new Map()
  for (const { room, id, text } of rows) {
    const known = history.get(room) ?? []
    history.set(room, known)
    known.push({ id, text: JSON.parse(text) as string })
  }
  return history
}

function print(figures: Figures): boolean {
  const { closed, wrong, ...counts } = figures
  console.log()
  for (const [name, count] of Object.entries(counts)) console.log(`${name.padEnd(22)}${count}`)
  console.log(`closed by code        ${JSON.stringify(closed)}`)
  for (const why of wrong) console.log(`WRONG: ${why}`)
  const { lost, missed, unstored, doubled, outOfOrder } = figures
  return lost + missed + unstored + doubled + outOfOrder + wrong.length === 0
}

async function main(): Promise<void> {
  say(`starting ${PROCESSES} chat processes behind nginx, Redis and PostgreSQL`)
  await using installation = await startInstallation({
    processes: { chat: PROCESSES },
    limits: 'off',
  })
  const { ledger, figures } = createLedger()
  say(`${CLIENTS} clients sign up and join ${ROOMS} rooms`)
  const clients = await everybody(installation, ledger)
  say(`${SECONDS} s of messages, one a second a client`)
  const silence = new AbortController()
  for (const [number, client] of clients.entries())
    void talk(client, (number * PAUSE_MS) / CLIENTS, silence.signal)
  await Promise.all([disturb(installation), sleep(SECONDS * 1000)])
  silence.abort()
  say('silence; everybody catches up')
  const lastOf = (history: History, number: number) => history.get(`room${number % ROOMS}`)?.at(-1)?.id
  await until('everybody heard the last message of the room', async () => {
    const history = await readHistory(installation.databaseUrl)
    return clients.every(({ room }, number) => room.last === lastOf(history, number))
  }).catch((error: unknown) => say(String(error)))
  for (const { room } of clients) room.close()
  if (!print(figures(await readHistory(installation.databaseUrl)))) process.exitCode = 1
}

await main()
