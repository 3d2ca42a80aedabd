import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { SERVICES } from '@switchboard/protocol/gateway'
import { expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const render = (...args: string[]) => promisify(execFile)(process.execPath, [MAIN, ...args])

test('the command asks each service at its name and port, unless it is told where the processes are', async () => {
  const { stdout } = await render('--upstream', 'chat=10.0.0.1:9001', '--upstream', 'chat=10.0.0.2:9001')
  for (const address of ['10.0.0.1:9001', '10.0.0.2:9001', `ide:${SERVICES.ide}`, `relay:${SERVICES.relay}`])
    expect(stdout).toContain(`    server ${address} `)
  expect(stdout).not.toContain(`chat:${SERVICES.chat}`)
})

test('the command takes what the renderer takes', async () => {
  const { stdout } = await render(
    ...['--listen', '127.0.0.1:80', '--folder', '/run/switchboard', '--access-log', '/dev/stdout'],
    ...['--resolver', '127.0.0.11', '--trusted-proxy', '10.0.0.0/8', '--logins', '3/4'],
  )
  for (const line of [
    'listen 127.0.0.1:80;',
    'pid /run/switchboard/nginx.pid;',
    'access_log /dev/stdout requests;',
    'resolver 127.0.0.11 ',
    'set_real_ip_from 10.0.0.0/8;',
    'rate=3r/s;',
    'burst=4 ',
  ])
    expect(stdout).toContain(line)
})

test.each([
  [['--upstream', 'chat=10.0.0.1'], '--upstream takes SERVICE=HOST:PORT, not chat=10.0.0.1'],
  [['--upstream', 'shop=10.0.0.1:80'], '--upstream takes SERVICE=HOST:PORT, not shop=10.0.0.1:80'],
  [['--logins', 'many'], '--logins takes off or RATE/BURST, not many'],
  [['--nonsense'], "Unknown option '--nonsense'"],
])('the command refuses %s, and says what it takes', async (args, why) => {
  await expect(render(...args)).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining(why),
  })
})
