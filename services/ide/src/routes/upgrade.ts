import type { Who } from '@switchboard/auth/tokens'
import type { Hub } from '@switchboard/hub/hub'
import { keepEntry } from '@switchboard/hub/kept-entry'
import type { Presence } from '@switchboard/hub/presence'
import { unavailable } from '@switchboard/kit/http-error'
import { accountPlace, spaceTopic } from '@switchboard/protocol/between'
import { encodeDown, parseSpace } from '@switchboard/protocol/ide'
import { nameKey } from '@switchboard/protocol/names'
import type { FastifyRequest } from 'fastify'
import { accountInfo } from '../domain/spaces.ts'
import { type Prepared, prepareTopics } from './prepared.ts'
import { type Session, serially } from './session.ts'
import type { Spaces } from './spaces.ts'
import { personTopic } from './topics.ts'
import { whoAsks } from './who.ts'

/** What a connection starts with: a space (`first` as presence told), or a frame that says why not, or neither. */
interface Beginning {
  start?: { space: string; first: boolean }
  greeting?: string
}

/** A connection before its 101: known to presence, not to the hub. */
interface Arrival {
  id: string
  who: Who
  session: Session
  /** Its person's topic, and that of the space that it starts in. */
  prepared: Prepared
}

export interface Upgrade extends Arrival, Beginning {
  /** Leaves presence; for a client that is gone before the 101. */
  giveUp: () => void
}

export interface UpgradeParts {
  hub: Hub<Session>
  presence: Presence
  spaces: Spaces
}

/** Leaves presence: as a person first, so that whom others see die in a space can no longer be sent anything. */
export async function leavePresence(
  { presence, spaces }: Pick<UpgradeParts, 'presence' | 'spaces'>,
  id: string,
  session: Session,
): Promise<void> {
  const asPerson = await Promise.allSettled([
    presence.leave(personTopic(session.me.key), id),
    session.account.leave(),
  ])
  const inSpaces = await Promise.allSettled(
    [...session.spaces.keys()].map((space) => spaces.leave(id, session, space)),
  )
  for (const result of [...asPerson, ...inSpaces]) if (result.status === 'rejected') throw result.reason
}

/** A query may name a parameter twice; the first one counts. */
const firstOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value)

/** `&space=`, else the token's `ide_id`, else none. An empty one is none. */
function wantedSpace(request: FastifyRequest, who: Who): string | undefined {
  const asked = firstOf((request.query as Record<string, unknown>)['space'])
  return (typeof asked === 'string' && asked) || who.ide || undefined
}

async function beginIn(
  { id, session, prepared }: Arrival,
  space: string,
  spaces: Spaces,
): Promise<Beginning> {
  const name = parseSpace(space)
  if (!name.ok) {
    const message = name.error
    return { greeting: encodeDown('error', { event: 'join', space, code: 'BAD_MESSAGE', message }) }
  }
  await prepared.add(spaceTopic(space))
  const entered = await spaces.admit(id, session, space)
  if (entered !== 'FORBIDDEN') return { start: { space, first: entered.first } }
  return { greeting: encodeDown('error', { event: 'join', space, code: entered }) }
}

/** Subscribes first: whom others see they may send to. */
async function enter(
  arrival: Arrival,
  space: string | undefined,
  { presence, spaces }: UpgradeParts,
): Promise<Beginning> {
  const { me, since, account } = arrival.session
  const topic = personTopic(me.key)
  await arrival.prepared.add(topic)
  const entry = { connection: arrival.id, person: me.key, since }
  await Promise.all([presence.enter(topic, entry), account.enter()])
  return space === undefined ? {} : beginIn(arrival, space, spaces)
}

function sessionOf({ name, accountId }: Who, id: string, presence: Presence): Session {
  const me = { name, key: nameKey(name) }
  const since = Date.now()
  const spaces = new Map<string, number>()
  const account = keepEntry(presence, accountPlace(me.key), () => ({
    connection: id,
    person: me.key,
    since,
    info: accountInfo(spaces),
  }))
  return { me, accountId, since, spaces, account, starting: undefined, tail: Promise.resolve() }
}

/** Checks the token and enters presence, so that whoever connects is there before the 101 says so. */
export async function prepareUpgrade(request: FastifyRequest, parts: UpgradeParts): Promise<Upgrade> {
  const { hub, presence } = parts
  // Not the request's: what is kept of a connection must not keep its request.
  const { log } = request.server
  const who = await whoAsks(request, { query: ['token', 't'] })
  const { socket } = request.raw
  const id = hub.nextId()
  const session = sessionOf(who, id, presence)
  const prepared = prepareTopics(hub)
  const arrival: Arrival = { id, who, session, prepared }

  async function leave(): Promise<void> {
    prepared.release()
    await leavePresence(parts, id, session)
  }
  const giveUp = () =>
    void serially(session, leave).catch((err: unknown) => log.warn({ err }, 'presence is away'))
  socket.once('close', giveUp)
  try {
    if (socket.destroyed) throw new Error('the client is gone')
    const beginning = await serially(session, () => enter(arrival, wantedSpace(request, who), parts))
    return { ...arrival, giveUp, ...beginning }
  } catch (error) {
    throw unavailable(error)
  }
}
