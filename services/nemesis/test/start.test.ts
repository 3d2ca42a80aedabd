import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { tempDir } from '@switchboard/testing/temp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { request, SECRET } from './support/house.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** For a test: most of the programs that it starts open an embedded database, which takes seconds. */
const PATIENT = { timeout: 120_000 }

let dir: Awaited<ReturnType<typeof tempDir>>
beforeAll(async () => {
  dir = await tempDir()
  // Making the database takes longest, and once.
  expect(await admin(['remove-demo'])).toEqual({ code: 0, errors: '', out: 'there are no demo people\n' })
}, PATIENT.timeout)
afterAll(() => dir[Symbol.asyncDispose]())

/** Nothing of the environment that these tests run in but what a program needs to start. */
const environment = (env: Record<string, string>) => ({
  PATH: process.env['PATH'],
  DATA_DIR: dir.path,
  LOG_LEVEL: 'silent',
  PORT: '0',
  ...env,
})

function program(file: string, args: string[], env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [`src/${file}`, ...args], { cwd: ROOT, env: environment(env) })
}

interface Finished {
  code: number | null
  out: string
  errors: string
}

async function finish(child: ChildProcess, input = ''): Promise<Finished> {
  if (!child.stdout || !child.stderr) throw new Error('no pipes')
  child.stdin?.end(input)
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: child.exitCode ?? ((await once(child, 'exit')) as [number])[0], out, errors }
}

const admin = (args: string[], { input, ...env }: { input?: string } & Record<string, string> = {}) =>
  finish(program('admin.ts', args, env), input)

/** Starts the service, and stops it when the test is done with it. */
async function service(env: Record<string, string> = {}) {
  const child = program('main.ts', [], env)
  if (!child.stdout) throw new Error('no pipe')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const output: string[] = []
  const until = async (wanted: string): Promise<string> => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`the service ended after ${output.join('\n')}`)
    output.push(value)
    return value.includes(wanted) ? value : until(wanted)
  }
  const first = await until('nemesis: http://')
  return {
    first,
    until,
    output,
    url: /http:\S+:\d+/.exec(first)?.[0] ?? '',
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      expect(await exited).toEqual([0, null])
    },
  }
}

const logIn = async (url: string, username: string, password: string) =>
  request(`${url}/auth`, { method: 'POST', body: new URLSearchParams({ username, password }) })

describe('the service as a process', PATIENT, () => {
  it('says where it listens and who can log in; its data survive a restart', async () => {
    let token = ''
    {
      await using nemesis = await service()
      expect(nemesis.first).toContain(`data in ${dir.path}`)
      await nemesis.until('teacher_coll1/facebees')
      const { body } = await logIn(nemesis.url, 'teacher_coll1', 'facebees')
      token = (body as { token: string }).token
      const headers = { authorization: `Bearer ${token}` }
      await request(`${nemesis.url}/user/student_coll1_1`, {
        method: 'POST',
        body: new URLSearchParams({ email: 'kept@example.org' }),
        headers,
      })
      // An embedded database is one process'.
      const second = await admin(['remove-demo'])
      expect(second).toMatchObject({
        code: 1,
        errors: expect.stringContaining('is in use by the process') as string,
      })
    }
    await using again = await service()
    const answer = await request(`${again.url}/user/student_coll1_1?token=${token}`)
    expect(answer.body).toMatchObject({ email: 'kept@example.org' })
  })

  it('does not start for others while it holds the demo people; the command that it names helps', async () => {
    for (const env of [{ HOST: '0.0.0.0' }, { NODE_ENV: 'production', JWT_SECRET: SECRET }]) {
      const stopped = await finish(program('main.ts', [], env))
      expect(stopped).toMatchObject({ code: 1, out: '' })
      expect(stopped.errors).toMatch(/^nemesis: the directory holds the demo person teacher_coll1, [^\n]+\n$/)
    }
    expect(await admin(['remove-demo'])).toMatchObject({
      code: 0,
      errors: '',
      out: expect.stringMatching(/^removed teacher_coll1, .*student_coll2_2\n$/) as string,
    })
    expect(await admin(['remove-demo'])).toMatchObject({ out: 'there are no demo people\n' })
    await using nemesis = await service({ HOST: '0.0.0.0' })
    expect(await logIn(nemesis.url, 'teacher_coll1', 'facebees')).toMatchObject({ status: 403 })
  })

  it('with NEMESIS_DIRECTORY=ldap and no LDAP_URL stops with one line', async () => {
    const stopped = await finish(program('main.ts', [], { NEMESIS_DIRECTORY: 'ldap' }))
    expect(stopped).toMatchObject({ code: 1, out: '' })
    expect(stopped.errors).toMatch(/^nemesis: LDAP_URL is missing[^\n]+\n$/)
  })
})

it('no secret reaches the log, however much is logged', PATIENT, async () => {
  const leader = ['leader', '--userid', 'secretive', '--college', 'college-s']
  await admin(leader, { NEMESIS_PASSWORD: 'hunter2' })
  await using nemesis = await service({ NODE_ENV: 'production', JWT_SECRET: SECRET, LOG_LEVEL: 'trace' })
  const { token } = (await logIn(nemesis.url, 'secretive', 'hunter2')).body as { token: string }
  await logIn(nemesis.url, 'secretive', 'hunter3')
  const user = `${nemesis.url}/user/secretive?token=${token}`
  for (const body of [{ email: 'hidden@example.org' }, { email: 'hidden' }, { password: 'hunter4' }])
    await request(user, { method: 'POST', body: new URLSearchParams(body) })
  await request(`${user}&password=hunter5`, { method: 'POST', body: '{"hunter6' })
  await request(`${nemesis.url}/site/sha`)
  await nemesis.until('/site/sha')
  expect(nemesis.output.join('\n')).toContain('/user/:userid')
  for (const secret of ['hunter', 'hidden', token, SECRET])
    expect(nemesis.output.join('\n')).not.toContain(secret)
})

describe('the command for operators', PATIENT, () => {
  it('explains itself', async () => {
    expect(await admin(['--help'])).toEqual({
      code: 0,
      errors: '',
      out: expect.stringContaining('leader --userid <name> --college <college-x>') as string,
    })
  })

  it('makes the first leader, with a password from standard input or the environment', async () => {
    const ada = [
      'leader',
      '--userid',
      'ada',
      '--college',
      'college-x',
      '--college-title',
      'The X',
      '--first-name',
      'Ada',
      '--surname',
      'Lovelace',
      '--email',
      'ada@example.org',
    ]
    expect(await admin(ada, { input: 'first password\n' })).toEqual({
      code: 0,
      errors: '',
      out: 'made the account ada\nada is a team leader in college-x\n',
    })
    // Once more, and without a password: nothing is new.
    expect(await admin(ada)).toEqual({ code: 0, errors: '', out: 'ada is a team leader in college-x\n' })
    const bob = ['leader', '--userid', 'bob', '--college', 'college-x']
    expect(await admin(bob, { NEMESIS_PASSWORD: 'second' })).toMatchObject({ code: 0 })

    await using nemesis = await service({ NODE_ENV: 'production', JWT_SECRET: SECRET })
    const { body } = await logIn(nemesis.url, 'bob', 'second')
    const { token } = body as { token: string }
    expect(await request(`${nemesis.url}/college?token=${token}`)).toMatchObject({
      body: { userids: ['ada', 'bob'], teams: [], college_name: 'The X' },
    })
    expect(await request(`${nemesis.url}/user/ada?token=${token}`)).toMatchObject({
      body: { full_name: 'Ada Lovelace', email: 'ada@example.org' },
    })
    expect((await logIn(nemesis.url, 'ada', 'first password')).status).toBe(200)
  })

  it('answers what it does not know with one line, and fails', async () => {
    expect(await admin(['promote'])).toEqual({
      code: 1,
      out: '',
      errors: 'nemesis admin: there is no command "promote"; see --help\n',
    })
  })

  it('asks for the password of a new account where none comes', async () => {
    const { code, errors } = await admin(['leader', '--userid', 'new', '--college', 'college-1'])
    expect([code, errors]).toEqual([
      1,
      'nemesis admin: a new account needs a password: NEMESIS_PASSWORD, or standard input\n',
    ])
  })

  it('never repeats a secret of the environment', async () => {
    const { code, errors } = await admin(['remove-demo'], { DATABASE_URL: 'mysql://root:hunter2@db/x' })
    expect(code).toBe(1)
    expect(errors).toMatch(/^nemesis admin: DATABASE_URL takes [^\n]+\n$/)
    expect(errors).not.toContain('hunter2')
  })
})
