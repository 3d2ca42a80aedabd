import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { endWithTest } from './children.ts'

/** A `main.ts` as a process of its own. */
export interface Running extends AsyncDisposable {
  /** `http://host:port` */
  url: string
  /** `ws://host:port` */
  wsUrl: string
  child: ChildProcess
  /** Everything that it printed until now. */
  output(): string
  /** Sends the signal and answers how the process ended. */
  stop(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/** Milliseconds; a first start makes a database, and the machine may be busy. */
const START_PATIENCE_MS = 60_000

function spawnMain(main: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  endWithTest(child)
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk))
  return { child, output: () => chunks.join('') }
}

/** Runs a `main.ts` until it ends by itself; for starts that must fail. */
export async function runToEnd(
  main: string,
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const { child, output } = spawnMain(main, env)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output: output() }
}

/** Starts a `main.ts` on a free port and waits until it says where it listens. */
export async function start(main: string, env: Record<string, string>): Promise<Running> {
  const { child, output } = spawnMain(main, { PORT: '0', ...env })
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => fail('did not listen in time'), START_PATIENCE_MS)
    const fail = (why: string) => reject(new Error(`${main} ${why}:\n${output()}`))
    child.stdout.on('data', () => {
      const [found] = /http:\/\/[\w.]+:\d+/.exec(output()) ?? []
      if (found === undefined) return
      clearTimeout(timer)
      resolve(found)
    })
    child.once('exit', (code) => fail(`ended with ${code}`))
  })
  const stop: Running['stop'] = async (signal) => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit')
      child.kill(signal)
      await exited
    }
    return { code: child.exitCode, signal: child.signalCode }
  }
  return {
    url,
    wsUrl: url.replace(/^http/, 'ws'),
    child,
    output,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop('SIGKILL')),
  }
}
