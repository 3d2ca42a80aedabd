import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Running, start } from '@switchboard/testing/process'
import { tempDir } from '@switchboard/testing/temp'
import { afterAll, beforeAll, expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('../../../standalone/src/main.ts', import.meta.url))
const EXAMPLES = fileURLToPath(new URL('../../../../packages/sdk/examples', import.meta.url))

/** What each prints; names end in something fresh. */
const PRINTED: Record<string, RegExp> = {
  // The two have a connection each: who is here is told over one, who is in the lobby over the other.
  channels:
    /^(visitor-\w+ is here\n|in the lobby: \[ 'host-\w+', 'visitor-\w+' \]\n){2}visitor-\w+: hello, and good bye\nvisitor-\w+ is gone\n$/,
  chat: /^guest-\w+: !dice\nbot-\w+: guest-\w+ rolls a [1-6]\n$/,
  ide: /^ben-\w+ offers \{ type: 'offer', sdp: 'v=0' \}\nada-\w+ answers \{ type: 'answer', sdp: 'v=0' \}\n$/,
  nemesis: /^college the first\n( {2}\w+: .+\n){3}waits: Ada\n$/,
  relay:
    /^POST \/push 204 \{ pushed: true \}\nthe sender is told 204\nPOST \/push 401 \{ pushed: true \}\nthe sender is told 401\n$/,
  'webhooks-to-chat':
    /^the sender is told 201 \{ readers: \[ 'chat' \] \}\nthe room reads POST \/alert: \{"disk":"full"\}\n$/,
}

let dir: Awaited<ReturnType<typeof tempDir>>
let running: Running
beforeAll(async () => {
  dir = await tempDir()
  running = await start(MAIN, { DATA_DIR: dir.path, LOG_LEVEL: 'warn' })
})
afterAll(async () => {
  await running[Symbol.asyncDispose]()
  await dir[Symbol.asyncDispose]()
})

test('there is one for each service, and one that crosses them', () => {
  const names = globSync('*.ts', { cwd: EXAMPLES }).map((file) => basename(file, '.ts'))
  expect(names.sort()).toEqual(Object.keys(PRINTED))
})

test.each(Object.entries(PRINTED))('%s runs, twice, and ends by itself', async (name, printed) => {
  for (let i = 0; i < 2; i++) {
    const program = [join(EXAMPLES, `${name}.ts`), running.url]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, program, { timeout: 20_000 })
    expect(stderr).toBe('')
    expect(stdout).toMatch(printed)
  }
})
