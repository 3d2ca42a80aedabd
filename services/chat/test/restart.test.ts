import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { tempDir } from '@switchboard/testing/temp'
import { describe, expect, it } from 'vitest'
import { get } from './support/http.ts'
import { SECRET } from './support/installation.ts'
import { join, type Message, signUp } from './support/people.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

interface Running extends AsyncDisposable {
  url: string
  wsUrl: string
  child: ChildProcess
  /** All that it printed. */
  output: string[]
  exited: Promise<number | NodeJS.Signals | null>
}

/** The service as its start script starts it. */
async function start(dataDir: string, env: Record<string, string> = {}): Promise<Running> {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env['PATH'],
      DATA_DIR: dataDir,
      PORT: '0',
      LOG_LEVEL: 'trace',
      JWT_SECRET: SECRET,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output: string[] = []
  const exited = once(child, 'exit').then(
    ([code, signal]) => (signal ?? code) as number | NodeJS.Signals | null,
  )
  const ready = Promise.withResolvers<string>()
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output.push(chunk)
      const url = /chat: (http:\/\/[\d.:]+)\/api\/v1/.exec(output.join(''))?.[1]
      if (url) ready.resolve(url)
    })
  void exited.then(() => ready.reject(new Error(output.join(''))))
  const url = await ready.promise
  return {
    url,
    wsUrl: url.replace('http', 'ws'),
    child,
    output,
    exited,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function historyOf(url: string, room: string): Promise<Message[]> {
  const { data } = await get<{ id: string }>(`${url}/api/v1/rooms/${room}`)
  return (await get<Message[]>(`${url}/api/v1/messages?room_id=${data.id}&count=200`)).data
}

describe('the service started alone', () => {
  it('keeps accounts, tokens, rooms and messages over a restart, and goes quietly', async () => {
    await using dir = await tempDir()
    const before = await start(dir.path)
    const alice = await signUp(before.url, 'alice')
    const member = await join(before.wsUrl, 'lobby', alice)
    member.say('a secret text')
    const said = await member.hear(1)
    const room = (await get<{ id: string }>(`${before.url}/api/v1/rooms/lobby`)).data.id
    before.child.kill('SIGTERM')
    expect(await member.closed).toEqual({ code: 1012, reason: 'RESTARTING' })
    expect(await before.exited).toBe(0)

    await using after = await start(dir.path)
    expect((await get<{ id: string }>(`${after.url}/api/v1/rooms/lobby`)).data.id).toBe(room)
    expect(await historyOf(after.url, 'lobby')).toEqual(said)
    await using again = await join(after.wsUrl, 'lobby', alice)
    again.say('again')
    expect(await again.hearTexts(1)).toEqual(['again'])
    const printed = [...before.output, ...after.output].join('')
    for (const secret of [alice.token, 'secret of alice', 'a secret text', SECRET]) {
      expect(printed).not.toContain(secret)
    }
  }, 60_000)

  it('loses nothing that came back to its sender when it is killed under load', async () => {
    await using dir = await tempDir()
    const before = await start(dir.path, { LIMITS: 'off' })
    const alice = await signUp(before.url, 'alice')
    const member = await join(before.wsUrl, 'killed', alice)
    const acknowledged = await member.hear(0)
    for (let i = 0; acknowledged.length < 100; i++) {
      member.say(`${i}`)
      acknowledged.push(...member.left())
      if (i % 5 === 0) await member.client.roundTrip()
    }
    for (let i = 0; i < 50; i++) member.say(`last ${i}`)
    before.child.kill('SIGKILL')
    await member.closed
    acknowledged.push(...member.left())

    await using after = await start(dir.path)
    const [first] = acknowledged
    await using back = await join(after.wsUrl, 'killed', { ...alice, after: first?.id ?? '' })
    expect(await back.hear(acknowledged.length - 1)).toEqual(acknowledged.slice(1))
  }, 60_000)

  it('stops with one line where a variable does not parse', async () => {
    await using dir = await tempDir()
    const failed = await start(dir.path, { CHAT_HIDE_UNKNOWN_USERS: 'perhaps' }).catch((error) => error)
    expect((failed as Error).message.trim()).toMatch(
      /^chat: CHAT_HIDE_UNKNOWN_USERS takes one of true, false/,
    )
    expect((failed as Error).message.trim().split('\n')).toHaveLength(1)
  })
})
