import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const RUN = new URL('../src/run.ts', import.meta.url).href
const CONFIG = new URL('../src/config.ts', import.meta.url).href

/** A process whose `start` is this code, and what it wrote to its standard error. */
function processOf(start: string): { child: ChildProcess; errors: Promise<string> } {
  const code = `
    import { createServer } from 'node:net'
    import { ConfigError } from ${JSON.stringify(CONFIG)}
    import { run } from ${JSON.stringify(RUN)}
    await run('demo', async () => { ${start} })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return { child, errors: text(child.stderr) }
}

const KEEPS_RUNNING = `
  const timer = setInterval(() => {}, 1000)
  console.log('up')
  return { async [Symbol.asyncDispose]() { clearInterval(timer); console.error('closed') } }`

test.each(['SIGINT', 'SIGTERM'] as const)('%s closes what runs and exits 0', async (signal) => {
  const { child, errors } = processOf(KEEPS_RUNNING)
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  child.kill(signal)
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(await errors).toBe('closed\n')
})

test('a bad configuration is one line, and exit 1', async () => {
  const { child, errors } = processOf(`throw new ConfigError('PORT takes a whole number')`)
  expect(await once(child, 'exit')).toEqual([1, null])
  expect(await errors).toBe('demo: PORT takes a whole number\n')
})

test('a port that is taken is one line that names it', async () => {
  const { child, errors } = processOf(`
    const first = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => first.once('listening', resolve))
    const second = createServer().listen(first.address().port, '127.0.0.1')
    await new Promise((_resolve, reject) => second.once('error', reject))`)
  expect(await once(child, 'exit')).toEqual([1, null])
  expect(await errors).toMatch(/^demo: port \d+ is taken; name another one in PORT\n$/)
})
