import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { tempDir } from '@switchboard/testing/temp'
import { expect, test } from 'vitest'
import { openIde } from './support/ide.ts'
import { api, post, signUp } from './support/person.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** The service as a process of its own, with everything that it writes. */
async function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [MAIN], { env: { ...env, PORT: '0', LOG_LEVEL: 'trace' } })
  const exited = once(child, 'exit') as Promise<[number | null]>
  let output = ''
  const listening = Promise.withResolvers<string>()
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const url = /ide: (http:\S+)\/api\/v1/.exec(output)?.[1]
      if (url) listening.resolve(url)
    })
  void exited.then(() => listening.reject(new Error(`it ended: ${output}`)))
  const stop = async () => {
    child.kill('SIGTERM')
    return (await exited)[0]
  }
  return { url: listening.promise, output: () => output, stop, exited }
}

test('starts alone, says where, logs no secret, tells clients to come back, and keeps accounts, repos and tokens', async () => {
  await using dir = await tempDir()
  const env = { DATA_DIR: dir.path }
  const first = await start(env)
  const url = await first.url
  const ann = await signUp(url, 'Ann')
  await post(`${url}/api/v1/user/login`, { username: 'Ann', password: 'a wrong secret' })
  const { body: repo } = await api(url, ann)('POST', '/repos', { name: 'kept' })
  const ide = await openIde(url.replace('http', 'ws'), { token: ann.token, space: 'space' })
  ide.say('send', { to: 'ann', data: 'a private text' })
  expect(await ide.hear()).toMatchObject(['msg', {}])
  ide.client.send('send:|:a malformed private text')
  await ide.hear()
  await fetch(`${url}/api/v1/repos?token=${ann.token}x`)
  expect(await first.stop()).toBe(0)
  expect(await ide.client.closed).toEqual({ code: 1012, reason: 'RESTARTING' })
  expect(first.output()).toContain('/api/v1/user/login')
  for (const secret of [ann.token, ann.password, 'a wrong secret', 'private text', 'eyJ'])
    expect(first.output()).not.toContain(secret)

  const second = await start(env)
  const again = await second.url
  expect((await api(again, ann)('GET', '/repos')).body).toEqual({ repos: [repo] })
  expect((await post(`${again}/api/v1/user/login`, { username: 'ann', password: ann.password })).status).toBe(
    200,
  )
  expect(await second.stop()).toBe(0)
})

test.each([
  [{ PORT: '', LIMITS: 'maybe' }, 'LIMITS takes'],
  [{ NODE_ENV: 'production' }, 'JWT_SECRET is missing'],
])('stops with one line where the environment says %j', async (env, line) => {
  await using dir = await tempDir()
  const child = await start({ DATA_DIR: dir.path, ...env })
  child.url.catch(() => {})
  expect(await child.exited).toEqual([1, null])
  expect(child.output()).toMatch(new RegExp(`^ide: ${line}[^\n]*\n$`))
})
