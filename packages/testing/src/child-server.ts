import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { endWithTest } from './children.ts'

/** A server that a test file started. Its signals are what goes wrong with real ones. */
export interface ChildServer {
  /** Starts it where it is not running; resolves once it answers. */
  start(): Promise<void>
  /** SIGTERM, and waits for its end. */
  stop(): Promise<void>
  /** SIGKILL, and waits for its end. */
  kill(): Promise<void>
  /** SIGSTOP: its connections stay open, and nothing answers. */
  pause(): void
  /** SIGCONT. */
  resume(): void
}

export interface ChildServerOptions {
  /** For whoever reads that it did not start. */
  name: string
  launch(): ChildProcess
  answers(): Promise<boolean>
}

const PATIENCE_MS = 30_000
const LOOK_MS = 20

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

/** Not started yet. */
export function childServer({ name, launch, answers }: ChildServerOptions): ChildServer {
  let server: ChildProcess | undefined

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!server || hasEnded(server)) return
    const exited = once(server, 'exit')
    server.kill('SIGCONT')
    server.kill(signal)
    await exited
  }
  return {
    async start() {
      if (server && !hasEnded(server)) return
      const child = launch()
      server = child
      endWithTest(child)
      for (const deadline = Date.now() + PATIENCE_MS; !(await answers()); ) {
        if (child.exitCode !== null) throw new Error(`${name} exited with ${child.exitCode}`)
        if (Date.now() > deadline) throw new Error(`${name} did not answer within 30 s`)
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      }
      if (hasEnded(child)) throw new Error(`${name} ended, and somebody else answers on its port`)
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: () => void server?.kill('SIGSTOP'),
    resume: () => void server?.kill('SIGCONT'),
  }
}
