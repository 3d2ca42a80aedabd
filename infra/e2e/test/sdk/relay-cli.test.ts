import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { eventually } from '@switchboard/testing/eventually'
import { lineTo } from '@switchboard/testing/line'
import { freePort } from '@switchboard/testing/port'
import { type Running, start } from '@switchboard/testing/process'
import { tempDir } from '@switchboard/testing/temp'
import { afterAll, beforeAll, expect, test } from 'vitest'

const RELAY = fileURLToPath(new URL('../../../../services/relay/src/main.ts', import.meta.url))
const COMMAND = fileURLToPath(new URL('../../../../packages/relay-cli/src/main.ts', import.meta.url))

let dir: Awaited<ReturnType<typeof tempDir>>
let running: Running
beforeAll(async () => {
  dir = await tempDir()
  running = await start(RELAY, { DATA_DIR: dir.path, LOG_LEVEL: 'warn' })
})
afterAll(async () => {
  await running[Symbol.asyncDispose]()
  await dir[Symbol.asyncDispose]()
})

interface Arrived {
  method: string | undefined
  url: string | undefined
  headers: IncomingMessage['headers']
  body: string
}

/** A server as somebody develops it: tells what came, and answers 201 with JSON. */
async function startLocal(port = 0) {
  const arrived: Arrived[] = []
  const server: Server = createServer(async (request, response) => {
    const { method, url, headers } = request
    arrived.push({ method, url, headers, body: await text(request) })
    response.writeHead(201, { 'content-type': 'application/json', 'x-mine': 'yes', connection: 'close' })
    response.end('{"done":true}')
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return {
    arrived,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The command, with a home of its own. */
function startCommand(args: string[], home: string) {
  const child: ChildProcess = spawn(process.execPath, [COMMAND, ...args], {
    env: { PATH: process.env['PATH'], XDG_CONFIG_HOME: home, NO_COLOR: '1' },
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk
    })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return {
    output: () => printed,
    ended,
    async url(): Promise<string> {
      await eventually(() => / {2}-> http/.test(printed) || child.exitCode !== null, { what: 'no URL' })
      return /http\S+\/v1\/go\/[a-z0-9]{26}/.exec(printed)?.[0] ?? expect.fail(printed)
    },
    prints: (what: string | RegExp) =>
      eventually(() => (typeof what === 'string' ? printed.includes(what) : what.test(printed)), {
        what: `${what} in\n${printed}`,
      }),
    async interrupt() {
      child.kill('SIGINT')
      return ended
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

test('forwards as it came, answers, tells of it, and ends at Ctrl-C', async () => {
  await using home = await tempDir()
  await using local = await startLocal()
  await using command = startCommand(
    ['--server', running.url, '--inspect', `http://127.0.0.1:${local.port}/base`],
    home.path,
  )
  const url = await command.url()
  const body = 'a=1&a=2&b=%20+'
  const response = await fetch(`${url}/hooks/push?x=%2F&x=y`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-hub-signature': 'sha1=7d38cdd6' },
    body,
  })
  expect([response.status, response.headers.get('x-mine'), await response.json()]).toEqual([
    201,
    'yes',
    { done: true },
  ])
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(local.arrived).toMatchObject([
    {
      method: 'POST',
      url: '/base/hooks/push?x=%2F&x=y',
      headers: {
        host: `127.0.0.1:${local.port}`,
        'x-forwarded-host': new URL(running.url).host,
        'content-type': 'application/x-www-form-urlencoded',
        'x-hub-signature': 'sha1=7d38cdd6',
        'content-length': `${body.length}`,
      },
      body,
    },
  ])
  await command.prints(/^\d\d:\d\d:\d\d POST {3}\/hooks\/push\?x=%2F&x=y 201 \d+ ms$/m)
  await command.prints(`  > x-hub-signature: sha1=7d38cdd6`)
  await command.prints(`  > ${body}`)
  await command.prints(`  < {\n  <   "done": true\n  < }`)
  expect(await command.interrupt()).toBe(0)
})

test('answers 502 while the local server is down, and says so', async () => {
  await using home = await tempDir()
  const port = await freePort()
  await using command = startCommand(['--server', running.url, `${port}`], home.path)
  const url = await command.url()
  const response = await fetch(url)
  expect([response.status, await response.text()]).toEqual([502, 'the local server does not answer'])
  await command.prints(/GET {4}\/ 502 \d+ ms \(no answer from the local server: ECONNREFUSED\)/)
  await using _local = await startLocal(port)
  expect((await fetch(url)).status).toBe(201)
})

test('keeps its URL between runs, for its owner only, and gets what came meanwhile', async () => {
  await using home = await tempDir()
  await using local = await startLocal()
  const args = ['--server', running.url, `${local.port}`]
  await using first = startCommand(args, home.path)
  const url = await first.url()
  expect(await first.interrupt()).toBe(0)
  const file = join(home.path, 'switchboard/relay.json')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  for (const path of ['/1', '/2', '/3']) await fetch(url + path)
  await using second = startCommand(args, home.path)
  expect(await second.url()).toBe(url)
  await eventually(() => local.arrived.length === 3)
  expect(local.arrived.map((one) => one.url).sort()).toEqual(['/1', '/2', '/3'])

  await using other = startCommand(['--new', ...args], home.path)
  expect(await other.url()).not.toBe(url)
  expect(await readFile(file, 'utf8')).toContain(url.slice(-26))
  expect(await fetch(url).then(({ status }) => status)).toBe(201)

  // A token that has ended, in a file that is still good.
  await writeFile(file, JSON.stringify({ [running.url]: 'a'.repeat(26) }))
  await using third = startCommand(args, home.path)
  expect(await third.url()).not.toBe(url)
})

test('survives the loss of the network, and says so once', async () => {
  await using home = await tempDir()
  await using local = await startLocal()
  await using line = await lineTo(Number(new URL(running.url).port))
  await using command = startCommand(
    ['--server', `http://127.0.0.1:${line.port}`, `${local.port}`],
    home.path,
  )
  const direct = (await command.url()).replace(`:${line.port}`, `:${new URL(running.url).port}`)
  line.cut()
  await command.prints('the connection is lost')
  expect((await fetch(`${direct}/meanwhile`)).headers.get('x-relay-delivery')).toBe('queued')
  line.mend()
  await command.prints('connected again')
  await command.prints(/GET {4}\/meanwhile 201/)
  expect((await fetch(`${direct}/after`)).status).toBe(201)
  expect(command.output().match(/the connection is lost/g)).toHaveLength(1)
})

test('gives its URL up to whoever takes it over, in one line', async () => {
  await using home = await tempDir()
  const args = ['--server', running.url, '3000']
  await using first = startCommand(args, home.path)
  await first.url()
  await using second = startCommand(args, home.path)
  await second.url()
  expect(await first.ended).toBe(1)
  expect(first.output()).toMatch(/\nrelay: another client has connected with this token\n$/)
})

test.each([
  [[], 'relay: which port or URL do requests go to?; --help explains\n'],
  [['--server', 'http://127.0.0.1:1', '3000'], 'relay: the server cannot be reached\n'],
])('what cannot be is said in one line: %j', async (args, line) => {
  await using home = await tempDir()
  await using command = startCommand(args, home.path)
  expect([await command.ended, command.output()]).toEqual([1, line])
})
