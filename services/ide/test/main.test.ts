import { fileURLToPath } from 'node:url'
import { runToEnd, start } from '@switchboard/testing/process'
import { tempDir } from '@switchboard/testing/temp'
import { expect, test } from 'vitest'
import { openIde } from './support/ide.ts'
import { api, post, signUp } from './support/person.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Longest that two starts of a process with an embedded database take, on a machine that is busy with other tests. */
const START_MS = 120_000

test(
  'starts alone, says where, logs no secret, tells clients to come back, and keeps accounts, repos and tokens',
  async () => {
    await using dir = await tempDir()
    const env = { DATA_DIR: dir.path, LOG_LEVEL: 'trace' }
    const first = await start(MAIN, env)
    const { url } = first
    const ann = await signUp(url, 'Ann')
    await post(`${url}/api/v1/user/login`, { username: 'Ann', password: 'a wrong secret' })
    const { body: repo } = await api(url, ann)('POST', '/repos', { name: 'kept' })
    const ide = await openIde(url.replace('http', 'ws'), { token: ann.token, space: 'space' })
    ide.say('send', { to: 'ann', data: 'a private text' })
    expect(await ide.hear()).toMatchObject(['msg', {}])
    ide.client.send('send:|:a malformed private text')
    await ide.hear()
    await fetch(`${url}/api/v1/repos?token=${ann.token}x`)
    expect(await first.stop('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(await ide.client.closed).toEqual({ code: 1012, reason: 'RESTARTING' })
    expect(first.output()).toContain('/api/v1/user/login')
    for (const secret of [ann.token, ann.password, 'a wrong secret', 'private text', 'eyJ'])
      expect(first.output()).not.toContain(secret)

    await using second = await start(MAIN, env)
    const again = second.url
    expect((await api(again, ann)('GET', '/repos')).body).toEqual({ repos: [repo] })
    expect(
      (await post(`${again}/api/v1/user/login`, { username: 'ann', password: ann.password })).status,
    ).toBe(200)
  },
  START_MS,
)

test.each([
  [{ PORT: '', LIMITS: 'maybe' }, 'LIMITS takes'],
  [{ NODE_ENV: 'production' }, 'JWT_SECRET is missing'],
])('stops with one line where the environment says %j', async (env, line) => {
  await using dir = await tempDir()
  const { code, output } = await runToEnd(MAIN, { DATA_DIR: dir.path, ...env })
  expect(code).toBe(1)
  expect(output).toMatch(new RegExp(`^ide: ${line}[^\n]*\n$`))
})
