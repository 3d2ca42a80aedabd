import type { Broker } from '@switchboard/hub/broker'
import type { Connection } from '@switchboard/hub/connection'
import { Hub } from '@switchboard/hub/hub'
import type { Presence } from '@switchboard/hub/presence'
import { LIMITS } from '@switchboard/protocol/limits'
import { decodeUp, REASONS } from '@switchboard/protocol/presence'
import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../../domain/clock.ts'
import { type Board, createBoard } from '../../domain/presence/board.ts'
import type { Watcher } from '../../domain/presence/watcher.ts'

/** What is kept for one connection that watches. */
export interface WatchSession {
  watcher: Watcher
  release(): void
}

export interface LookoutOptions {
  broker: Broker
  presence: Presence
  clock: Clock
  /** `false`: as many messages as a client likes. */
  limits: boolean
  log: FastifyBaseLogger
}

/** The connections that watch people, and the people that they watch. */
export interface Lookout {
  hub: Hub<WatchSession>
  board: Board
  /** Tells everyone to come back. */
  close(): Promise<void>
}

export function createLookout({ broker, presence, clock, limits, log }: LookoutOptions): Lookout {
  const board = createBoard({
    presence,
    clock,
    onError: (error) => log.warn({ err: error }, 'presence is away'),
  })
  const unwatch = broker.onChange((up) => up && board.refresh())

  function hear(connection: Connection<WatchSession>, text: string | undefined): void {
    const up = text === undefined ? undefined : decodeUp(text)
    if (up?.ok) connection.session.watcher.watch(up.value.watch)
    else connection.close(1008, REASONS.badMessage)
  }

  const hub = new Hub<WatchSession>({
    broker,
    limits: limits ? LIMITS.messages : false,
    message: hear,
    closed({ session }) {
      session.release()
      session.watcher.stop()
    },
    onError: (error) => log.warn({ err: error }, 'a connection that watches failed'),
  })

  return {
    hub,
    board,
    async close() {
      unwatch()
      await hub.close()
      board.close()
    },
  }
}
