import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Client, connect } from '@switchboard/testing/socket'
import { tempDir } from '@switchboard/testing/temp'
import { expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** The service by itself, as `pnpm start` runs it, with all that it prints. */
async function start(dataDir: string) {
  const child: ChildProcess = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'trace' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const ready = Promise.withResolvers<string>()
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      const url = /^channels: http(:\/\/127\.0\.0\.1:\d+)\/chat\/login/m.exec(printed)?.[1]
      if (url) ready.resolve(`ws${url}`)
    })
  child.once('exit', (code) => ready.reject(new Error(`exit ${code}: ${printed}`)))
  return {
    url: await ready.promise,
    printed: () => printed,
    async stop(): Promise<number | null> {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      const [code] = (await exited) as [number | null]
      return code
    },
  }
}

async function login(url: string, nick: string, protocols: string[] = []): Promise<Client> {
  const client = await connect(`${url}/chat/login/${nick}`, { protocols })
  await client.until((text) => JSON.parse(text).type === 6)
  return client
}

test('the service starts alone, tells its health, stops on a signal, keeps reservations and logs no secret', async () => {
  await using dir = await tempDir()
  const first = await start(dir.path)
  const bob = await login(first.url, 'bob', ['a-token-that-is-a-secret'])
  bob.send({ type: 1, password: 'a-password-that-is-a-secret' })
  expect(await bob.nextJson()).toEqual({ type: 1, user: 'bob' })
  bob.send({ type: 4, channel: '#a' })
  bob.send({ type: 0, dest: '#a', message: 'a-message-that-is-a-secret' })
  bob.send('{"type":1,"password":"another-secret"')
  await bob.until((text) => text.includes('BAD_MESSAGE'))
  const http = first.url.replace('ws', 'http')
  for (const path of ['/healthz', '/readyz']) expect((await fetch(http + path)).status).toBe(200)
  expect(await (await fetch(`${http}/metrics`)).text()).toMatch(/^channels_connections 1$/m)
  expect(await first.stop()).toBe(0)
  expect(await bob.closed).toMatchObject({ code: 1012 })

  const second = await start(dir.path)
  const other = await connect(`${second.url}/chat/login/bob`)
  expect(await other.nextJson()).toMatchObject({ code: 'NICK_RESERVED' })
  expect(await second.stop()).toBe(0)
  expect(first.printed() + second.printed()).not.toContain('secret')
}, 60_000)
