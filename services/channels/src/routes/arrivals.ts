import type { Who } from '@switchboard/auth/tokens'
import type { Hub } from '@switchboard/hub/hub'
import { unavailable } from '@switchboard/kit/http-error'
import { type FrameError, nickOf, parseNick } from '@switchboard/protocol/channels'
import type { FastifyRequest } from 'fastify'
import { admission } from '../domain/admission.ts'
import type { Reservations } from './registrar.ts'
import type { Roster } from './roster.ts'
import { newSession, type Session } from './session.ts'

/** Who comes in through an upgrade, or why that nickname is not to be had. */
export interface Arrival {
  id: string
  session: Session
  /** By the token that was offered, whose ever it is. */
  who: Who | undefined
  refused: { code: FrameError; message: string } | undefined
  /** Undoes the arrival where no WebSocket comes of it. */
  abandon: () => void
}

interface Parts {
  hub: Hub<Session>
  roster: Roster
  reservations: Reservations
  /** Milliseconds since the epoch. */
  clock: () => number
  onError(error: unknown): void
}

/** What comes before the 101. Rejects (503) where it cannot be known whose the nickname or whether the token is good. */
export function createArrivals({ hub, roster, reservations, clock, onError }: Parts) {
  /** What is offered and is no valid token counts as none. */
  async function tokenOf(request: FastifyRequest): Promise<Who | undefined> {
    const who = await request.identify({ subprotocol: true })
    if (who.ok) return who.value
    if (who.error === 'UNAVAILABLE') throw unavailable()
    return undefined
  }

  async function admit(id: string, session: Session, owner: number | undefined): Promise<Arrival['refused']> {
    const way = admission(owner, session.account)
    if (way === 'NICK_RESERVED') {
      return { code: way, message: 'this nickname needs a token of its account as first subprotocol' }
    }
    if (await roster.admit(id, session, way)) return undefined
    return { code: 'NICK_IN_USE', message: 'somebody has this nickname' }
  }

  return async (request: FastifyRequest): Promise<Arrival> => {
    const id = hub.nextId()
    const nick = parseNick(nickOf(request.raw.url ?? '') ?? '')
    const session = newSession(nick.ok ? nick.value : { name: '', key: '' }, request.ip, clock())
    const abandon = () => void roster.logout(id, session).catch(onError)
    const arrival: Arrival = { id, session, who: undefined, refused: undefined, abandon }
    if (!nick.ok) return { ...arrival, refused: { code: 'BAD_NICK', message: nick.error } }
    try {
      const [who, owner] = await Promise.all([tokenOf(request), reservations.owner(nick.value.key)])
      session.account = who?.accountId
      return { ...arrival, who, refused: await admit(id, session, owner) }
    } catch (error) {
      abandon()
      throw unavailable(error)
    }
  }
}

export type Arrive = ReturnType<typeof createArrivals>
