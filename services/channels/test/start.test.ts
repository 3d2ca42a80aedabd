import { fileURLToPath } from 'node:url'
import { start } from '@switchboard/testing/process'
import { type Client, connect } from '@switchboard/testing/socket'
import { tempDir } from '@switchboard/testing/temp'
import { expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

async function login(url: string, nick: string, protocols: string[] = []): Promise<Client> {
  const client = await connect(`${url}/chat/login/${nick}`, { protocols })
  await client.until((text) => JSON.parse(text).type === 6)
  return client
}

/** Longest that two starts of a process with an embedded database take, on a machine that is busy with other tests. */
const START_MS = 120_000

test(
  'the service starts alone, tells its health, stops on a signal, keeps reservations and logs no secret',
  async () => {
    await using dir = await tempDir()
    const env = { DATA_DIR: dir.path, LOG_LEVEL: 'trace' }
    const first = await start(MAIN, env)
    const bob = await login(first.wsUrl, 'bob', ['a-token-that-is-a-secret'])
    bob.send({ type: 1, password: 'a-password-that-is-a-secret' })
    expect(await bob.nextJson()).toEqual({ type: 1, user: 'bob' })
    bob.send({ type: 4, channel: '#a' })
    bob.send({ type: 0, dest: '#a', message: 'a-message-that-is-a-secret' })
    bob.send('{"type":1,"password":"another-secret"')
    await bob.until((text) => text.includes('BAD_MESSAGE'))
    for (const path of ['/healthz', '/readyz']) expect((await fetch(first.url + path)).status).toBe(200)
    expect(await (await fetch(`${first.url}/metrics`)).text()).toMatch(/^channels_connections 1$/m)
    expect(await first.stop('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(await bob.closed).toMatchObject({ code: 1012 })

    await using second = await start(MAIN, env)
    const other = await connect(`${second.wsUrl}/chat/login/bob`)
    expect(await other.nextJson()).toMatchObject({ code: 'NICK_RESERVED' })
    expect(first.output() + second.output()).not.toContain('secret')
  },
  START_MS,
)
