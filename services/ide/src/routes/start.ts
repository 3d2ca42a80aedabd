import type { Connection } from '@switchboard/hub/connection'
import type { Hub } from '@switchboard/hub/hub'
import { spaceTopic } from '@switchboard/protocol/between'
import { CLOSE_REASONS } from '@switchboard/protocol/close-codes'
import type { FastifyBaseLogger } from 'fastify'
import { type Session, serially } from './session.ts'
import type { Spaces } from './spaces.ts'
import { personTopic } from './topics.ts'
import type { Upgrade } from './upgrade.ts'

interface Parts {
  hub: Hub<Session>
  spaces: Spaces
  log: FastifyBaseLogger
}

/** Makes a new connection reachable and lets it hear of its first space. Never rejects. */
export async function startConnection(
  connection: Connection<Session>,
  { start, greeting, prepared }: Upgrade,
  { hub, spaces, log }: Parts,
): Promise<void> {
  const { session } = connection
  if (greeting !== undefined) connection.send(greeting)
  try {
    // Before anything is awaited, so that it misses nothing: the topics are prepared.
    const entering = [hub.enter(connection, personTopic(session.me.key))]
    if (start) entering.push(hub.enter(connection, spaceTopic(start.space)))
    prepared.release()
    await Promise.all(entering)
    if (!start) return
    await serially(session, async () => {
      // Whoever was taken out of the repo before it could be reached here was not told.
      await spaces.recheck(connection, start.space)
      if (session.spaces.has(start.space)) await spaces.attend(connection, start.space, start.first)
    })
  } catch (error) {
    log.warn({ err: error }, 'a connection could not be made reachable')
    connection.close(1013, CLOSE_REASONS.unavailable)
  } finally {
    session.starting = undefined
  }
}
