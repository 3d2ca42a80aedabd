import type { Who } from '@switchboard/auth/tokens'
import { keepEntry } from '@switchboard/hub/kept-entry'
import type { Presence } from '@switchboard/hub/presence'
import { unavailable } from '@switchboard/kit/http-error'
import { accountPlace } from '@switchboard/protocol/between'
import { encodeDown, parseSpace } from '@switchboard/protocol/ide'
import { nameKey } from '@switchboard/protocol/names'
import type { FastifyRequest } from 'fastify'
import { accountInfo } from '../domain/spaces.ts'
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
export interface Upgrade extends Beginning {
  id: string
  who: Who
  session: Session
  /** Leaves presence; for a client that is gone before the 101. */
  giveUp: () => void
}

export interface UpgradeParts {
  presence: Presence
  spaces: Spaces
  nextId(): string
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

async function beginIn(spaces: Spaces, id: string, session: Session, space: string): Promise<Beginning> {
  const name = parseSpace(space)
  if (!name.ok) {
    const message = name.error
    return { greeting: encodeDown('error', { event: 'join', space, code: 'BAD_MESSAGE', message }) }
  }
  const entered = await spaces.admit(id, session, space)
  if (entered !== 'FORBIDDEN') return { start: { space, first: entered.first } }
  return { greeting: encodeDown('error', { event: 'join', space, code: entered }) }
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
  const who = await whoAsks(request, { query: ['token', 't'] })
  const id = parts.nextId()
  const session = sessionOf(who, id, parts.presence)
  const { log } = request
  const giveUp = () =>
    void serially(session, () => leavePresence(parts, id, session)).catch((error: unknown) =>
      log.warn({ err: error }, 'presence is away'),
    )
  request.raw.socket.once('close', giveUp)
  try {
    const beginning = await serially(session, async () => {
      const { me, since, account } = session
      const entry = { connection: id, person: me.key, since }
      await Promise.all([parts.presence.enter(personTopic(me.key), entry), account.enter()])
      const space = wantedSpace(request, who)
      return space === undefined ? {} : beginIn(parts.spaces, id, session, space)
    })
    return { id, who, session, giveUp, ...beginning }
  } catch (error) {
    throw unavailable(error)
  }
}
