import closeWithGrace from 'close-with-grace'
import { ConfigError } from './config.ts'

/** Milliseconds that a process has to tell its clients, drain and go. */
const SHUTDOWN_MS = 10_000

/** One line that a person can act on where the cause is known, the stack where it is not. */
function explain(error: unknown): string {
  const { code, message, port } = error as NodeJS.ErrnoException & { port?: number }
  if (error instanceof ConfigError) return message
  if (code === 'EADDRINUSE') return `port ${port} is taken; name another one in PORT`
  if (code === 'EACCES' && port !== undefined)
    return `port ${port} may not be opened by this user; name another one in PORT`
  return error instanceof Error ? (error.stack ?? message) : String(error)
}

/**
 * Runs `start` as this process: SIGINT and SIGTERM, also while it starts, dispose of what it answers within 10 s and
 * exit 0, a second signal exits at once; a start that fails says why and exits 1.
 */
export async function run(name: string, start: () => Promise<AsyncDisposable>): Promise<void> {
  // In a microtask, so that the signal handlers are there before anything starts.
  const starting = Promise.resolve().then(start)
  closeWithGrace({ delay: SHUTDOWN_MS, logger: false }, async ({ err }) => {
    if (err) console.error(`${name}: ${explain(err)}`)
    const running = await starting
    await running[Symbol.asyncDispose]()
  })
  try {
    await starting
  } catch (error) {
    console.error(`${name}: ${explain(error)}`)
    process.exit(1)
  }
}
