import type { Broker } from '@switchboard/hub/broker'
import type { Connection } from '@switchboard/hub/connection'
import { Hub } from '@switchboard/hub/hub'
import type { Presence } from '@switchboard/hub/presence'
import { toHttpError } from '@switchboard/kit/errors'
import { decodeUp } from '@switchboard/protocol/channels'
import { LIMITS } from '@switchboard/protocol/limits'
import type { FastifyBaseLogger } from 'fastify'
import { handle, misunderstood, refusal } from '../domain/handle.ts'
import { createChannels } from './channels.ts'
import { createPerformer } from './perform.ts'
import { createRegistrar, type RegistrarParts } from './registrar.ts'
import { createRoster } from './roster.ts'
import type { Session } from './session.ts'

export interface FloorParts extends Omit<RegistrarParts, 'roster'> {
  broker: Broker
  presence: Presence
  /** `false`: as many messages and channels as a client likes. */
  limits: boolean
  log: FastifyBaseLogger
}

/** The hub of this service: what its connections say is decoded, decided and done. */
export function createFloor({ broker, presence, limits, log, ...registrarParts }: FloorParts) {
  const places = limits ? LIMITS.places : Number.POSITIVE_INFINITY

  /** Tells a connection that what it asked for failed. */
  function failed(error: unknown, connection: Connection<Session>): void {
    const { code, message } = toHttpError(error)
    if (code === 'UNAVAILABLE') {
      // A log-in that waits is given up when its client goes.
      if (!connection.open) return
      log.warn({ err: error }, 'something that a message needs is away')
      connection.send(refusal(code, message))
    } else {
      log.error({ err: error }, 'a message could not be handled')
      connection.send(refusal('INTERNAL', 'something went wrong here; it is in the log'))
    }
  }

  function hear(connection: Connection<Session>, text: string | undefined): void | Promise<void> {
    if (text === undefined) return perform(connection, misunderstood('not text'))
    const up = decodeUp(text)
    if (!up.ok) return perform(connection, misunderstood(up.error))
    const effect = handle(connection.session, up.value, places)
    if (effect) return perform(connection, effect)
  }

  const hub = new Hub<Session>({
    broker,
    limits: limits ? LIMITS.messages : false,
    message(connection, text) {
      const { starting } = connection.session
      return starting ? starting.then(() => hear(connection, text)) : hear(connection, text)
    },
    async closed({ id, session }) {
      session.unwatch?.()
      session.registering?.giveUp.abort()
      await session.starting
      await roster.logout(id, session)
    },
    onError: failed,
  })
  const roster = createRoster({ hub, presence })
  const channels = createChannels({ hub, presence })
  const register = createRegistrar({ ...registrarParts, roster })
  const perform = createPerformer({ hub, roster, channels, register, failed })
  return { hub, roster, failed }
}
