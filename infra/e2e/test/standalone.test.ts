import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { connectChat, getMessages, getRoom } from '@switchboard/sdk/chat'
import { createRepo, getRepos } from '@switchboard/sdk/ide'
import { getRegistrations, logIn, register } from '@switchboard/sdk/nemesis'
import { openRelay } from '@switchboard/sdk/relay'
import { type Running, runToEnd, start } from '@switchboard/testing/process'
import { connect, rawSocket } from '@switchboard/testing/socket'
import { tempDir } from '@switchboard/testing/temp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { during, hear } from './hear.ts'
import { freshName, postForm, postJson, signUp } from './origin.ts'
import { scenarios } from './scenarios.ts'

const MAIN = fileURLToPath(new URL('../../standalone/src/main.ts', import.meta.url))

describe('the standalone', () => {
  let dir: Awaited<ReturnType<typeof tempDir>>
  let running: Running

  beforeAll(async () => {
    dir = await tempDir()
    running = await start(MAIN, { DATA_DIR: dir.path, LOG_LEVEL: 'trace' })
  })
  afterAll(async () => {
    await running[Symbol.asyncDispose]()
    await dir[Symbol.asyncDispose]()
  })

  scenarios(() => running)

  test('says to another start of its folder, in one line, that it is in use by this process', async () => {
    const { code, output } = await runToEnd(MAIN, { DATA_DIR: dir.path, PORT: '0' })
    expect(code).toBe(1)
    expect(output).toBe(
      `switchboard: DATA_DIR ${dir.path} is in use by the process ${running.child.pid}; stop it, or name another folder\n`,
    )
  })

  test('a team leader of the demo people reads his college', async () => {
    const { url } = running
    const auth = await postForm(`${url}/auth`, { username: 'teacher_coll1', password: 'facebees' })
    const { token } = (await auth.json()) as { token: string }
    const college = await fetch(`${url}/userman/college?token=${token}`)
    expect(await college.json()).toEqual({
      college_name: 'college the first',
      teams: ['team-ABC', 'team-DFE'],
      userids: ['student_coll1_1', 'student_coll1_2', 'teacher_coll1'],
    })
  })

  test('a demo person logs in at chat with the same password, and a nemesis token is good nowhere else', async () => {
    const { url, wsUrl } = running
    const login = await postJson(`${url}/api/v1/login`, { username: 'teacher_coll2', secret: 'noway' })
    expect(login.status).toBe(200)
    const auth = await postForm(`${url}/auth`, { username: 'teacher_coll2', password: 'noway' })
    const { token } = (await auth.json()) as { token: string }
    expect((await fetch(`${url}/api/v1/repos?token=${token}`)).status).toBe(401)
    await expect(connect(`${wsUrl}/api/v1/rooms/lobby/ws`, { protocols: [token] })).rejects.toThrow('401')
  })

  test('says where it listens, where the data is, who is there and what to try', () => {
    const said = running.output()
    expect(said).toContain(`Switchboard is up: ${running.url}`)
    expect(said).toContain(dir.path)
    expect(said).toContain('teacher_coll1/facebees')
    expect(said).toMatch(
      /\n {2}curl .+\/auth\n {2}curl .+\/go\/.+\n {2}npx --yes wscat -c ws:.+\/chat\/login\/alice .+\n/,
    )
  })

  test('two hundred connections that never say anything disturb nobody', async () => {
    const { url, wsUrl } = running
    const silent = await Promise.all(Array.from({ length: 200 }, () => rawSocket(Number(new URL(url).port))))
    const mute = await Promise.all(
      Array.from({ length: 50 }, () => connect(`${wsUrl}/api/v1/rooms/${freshName('quiet')}/messages/ws`)),
    )
    const alice = await signUp(running, 'alice')
    expect((await fetch(`${url}/api/v1/repos?token=${alice.token}`)).status).toBe(200)
    for (const socket of silent) socket.destroy()
    await Promise.all(mute.map((client) => client[Symbol.asyncDispose]()))
  })

  // Last of those that use this process: it looks at all that was logged.
  test('no secret was logged, at the most talkative level', async () => {
    const { url, wsUrl } = running
    const alice = await signUp(running, 'alice')
    const token = await (await fetch(`${url}/v1/new`)).text()
    await postForm(`${url}/v1/go/${token}?password=hunter2`, { secret: 'hunter2' })
    await fetch(`${url}/api/v1/repos?token=${alice.token}`)
    await postForm(`${url}/api/v1/user/auth`, { username: alice.username, password: 'hunter2', ide_id: 'x' })
    await fetch(`${url}/nowhere?token=${alice.token}`)
    await using client = await connect(`${wsUrl}/api/v1/rooms/lobby/messages/ws`, {
      protocols: [alice.token],
    })
    client.send({ text: 'hunter2' })
    await client.next()
    const said = running.output()
    for (const secret of [alice.token, alice.password, token, 'hunter2']) expect(said).not.toContain(secret)
  })
})

test('everything survives a restart, and Ctrl-C leaves nothing running or locked', async () => {
  await using dir = await tempDir()
  const env = { DATA_DIR: dir.path }
  const first = await start(MAIN, env)
  const { url } = first
  const { token, username } = await signUp(first, 'alice')
  const name = freshName('room')
  const relayToken = await (await fetch(`${url}/v1/new`)).text()
  const queued = await fetch(`${url}/v1/go/${relayToken}?n=1`)
  expect(queued.headers.get('x-relay-delivery')).toBe('queued')
  const repo = await createRepo({ url, token }, { name: 'engine' })
  const leader = await logIn({ url }, { username: 'teacher_coll1', password: 'facebees' })
  const ada = { first_name: 'Ada', last_name: 'L', email: 'ada@example.org', team: 'team-ABC' }
  await register({ url, token: leader.token }, ada)
  const room = during(connectChat({ url, token })).join(name)
  const said = await room.send('remember me')
  const lost = new Promise((resolve) => room.on('state', ({ error }) => error && resolve(error)))

  expect(await first.stop('SIGINT')).toEqual({ code: 0, signal: null })
  expect(await lost).toMatchObject({ closeCode: 1012, retryable: true })
  expect(await readdir(dir.path)).not.toContain('lock')

  await using second = await start(MAIN, env)
  const again = { url: second.url, token }
  expect(await getRepos(again)).toEqual([repo])
  const { id: roomId } = await getRoom(again, name)
  expect(await getMessages(again, { roomId })).toEqual([said])
  expect(said.sender.username).toBe(username)
  const [waiting] = await getRegistrations({ ...again, token: leader.token })
  expect(waiting).toMatchObject(ada)
  const relay = during(await openRelay({ url: second.url, token: relayToken }))
  const [request] = await hear(relay)(1)
  expect(request?.params).toEqual({ token: relayToken, n: '1' })
})

test('a process that was killed loses nothing that it had answered', async () => {
  await using dir = await tempDir()
  const first = await start(MAIN, { DATA_DIR: dir.path })
  const alice = await signUp(first, 'alice')
  await first.stop('SIGKILL')
  await using second = await start(MAIN, { DATA_DIR: dir.path })
  const login = await postJson(`${second.url}/api/v1/login`, {
    username: alice.username,
    secret: alice.password,
  })
  expect(login.status).toBe(200)
})

describe('a start that cannot be says why in one line', () => {
  test('a port that is taken', async () => {
    await using dir = await tempDir()
    const taker = createServer().listen(0, '127.0.0.1')
    await once(taker, 'listening')
    const { port } = taker.address() as AddressInfo
    const { code, output } = await runToEnd(MAIN, { DATA_DIR: dir.path, PORT: `${port}` })
    taker.close()
    expect(code).toBe(1)
    // Before it makes a database.
    expect(output).toBe(`switchboard: port ${port} is taken; name another one in PORT\n`)
  })

  test.each([
    [{ PORT: 'http' }, /^switchboard: PORT takes a whole number from 0 to 65535, not "http"\n$/],
    [{ NODE_ENV: 'production' }, /^switchboard: JWT_SECRET is missing, .*\n$/],
    [{ NEMESIS_DIRECTORY: 'phonebook' }, /^switchboard: NEMESIS_DIRECTORY .*\n$/],
  ])('%o', async (env, line) => {
    await using dir = await tempDir()
    const { code, output } = await runToEnd(MAIN, { DATA_DIR: dir.path, ...env })
    expect(code).toBe(1)
    expect(output).toMatch(line)
  })
})
