import type { Client } from 'ldapts'
import type { Connection, Open } from './connection.ts'
import { DirectoryAway, withoutDetails } from './errors.ts'
import { turns } from './turns.ts'

/** Connections that are kept, each for one at a time. */
export interface Pool {
  /**
   * One operation. What it waits for a connection counts into its time.
   * @throws DirectoryAway, DirectoryRefusal, or what `work` throws itself
   */
  run<T>(work: (client: Client) => Promise<T>): Promise<T>
  close(): void
}

/** Milliseconds until an answer; a server that needs longer counts as gone. */
const OPERATION_TIMEOUT_MS = 5_000
/** One that was not used so long may have been forgotten by what lies between. */
const IDLE_MS = 60_000
/** Most that wait for a connection in one process. */
const WAITING_MAX = 1_000

export function createPool(open: Open, { size }: { size: number }): Pool {
  const places = turns({ atOnce: size, waiting: WAITING_MAX })
  /** The last is the one that was used last. */
  const idle: { connection: Connection; since: number }[] = []
  let closed = false

  function takeIdle(): Connection | undefined {
    const oldest = Date.now() - IDLE_MS
    for (const { connection } of idle.splice(0, idle.findLastIndex(({ since }) => since < oldest) + 1))
      connection.close()
    for (let last = idle.pop(); last; last = idle.pop()) if (last.connection.isOpen()) return last.connection
    return undefined
  }

  function giveBack(connection: Connection): void {
    if (connection.isOpen() && !closed) idle.push({ connection, since: Date.now() })
    else connection.close()
  }

  async function use<T>(
    connection: Connection,
    work: (client: Client) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    signal.addEventListener('abort', connection.close)
    try {
      return await work(connection.client)
    } catch (error) {
      throw withoutDetails(error, { isOpen: connection.isOpen, timedOut: () => signal.aborted })
    } finally {
      signal.removeEventListener('abort', connection.close)
    }
  }

  return {
    async run(work) {
      if (closed) throw new DirectoryAway('this process ends')
      const ended = new AbortController()
      const timer = setTimeout(() => ended.abort(), OPERATION_TIMEOUT_MS)
      try {
        const leave = await places.take(ended.signal)
        try {
          const connection = takeIdle() ?? (await open(ended.signal))
          try {
            return await use(connection, work, ended.signal)
          } finally {
            giveBack(connection)
          }
        } finally {
          leave()
        }
      } finally {
        clearTimeout(timer)
      }
    },

    close() {
      closed = true
      for (const { connection } of idle.splice(0)) connection.close()
    },
  }
}
