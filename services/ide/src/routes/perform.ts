import type { Connection } from '@switchboard/hub/connection'
import type { Hub } from '@switchboard/hub/hub'
import type { Presence } from '@switchboard/hub/presence'
import type { FastifyBaseLogger } from 'fastify'
import type { Direct, Effect, SpaceEffect } from '../domain/effects.ts'
import { type Session, serially } from './session.ts'
import type { Spaces } from './spaces.ts'
import { personTopic } from './topics.ts'

interface Parts {
  hub: Hub<Session>
  presence: Presence
  spaces: Spaces
  log: FastifyBaseLogger
}

type Speaker = Connection<Session>

/** Does what the domain decided. Never rejects: what is away is told to the client. */
export function createPerformer({ hub, presence, spaces, log }: Parts) {
  const isHere = (key: string): boolean => {
    for (const _connection of hub.members(personTopic(key))) return true
    return false
  }

  async function directElsewhere(speaker: Speaker, { to, frame, absent, away }: Direct): Promise<void> {
    try {
      const live = await presence.list(personTopic(to))
      if (live.length > 0) hub.publish(personTopic(to), frame)
      else speaker.send(absent)
    } catch (error) {
      log.warn({ err: error }, 'presence is away')
      speaker.send(away)
    }
  }

  /** Presence is asked only about those whom this process does not know: they are in another, or nowhere. */
  function direct(speaker: Speaker, effect: Direct): void | Promise<void> {
    if (!isHere(effect.to)) return directElsewhere(speaker, effect)
    hub.publish(personTopic(effect.to), effect.frame)
  }

  /** Answers whether to go on. */
  async function enter(speaker: Speaker, { space, event }: SpaceEffect): Promise<boolean> {
    const entered = await spaces.admit(speaker.id, speaker.session, space)
    if (entered === 'FORBIDDEN') spaces.refuse(speaker, event, space, entered)
    else await spaces.attend(speaker, space, entered.first)
    return entered !== 'FORBIDDEN'
  }

  async function performInSpace(speaker: Speaker, effect: SpaceEffect): Promise<boolean> {
    const { kind, space, event } = effect
    try {
      if (kind === 'enter') return await enter(speaker, effect)
      if (kind === 'leave') await spaces.leave(speaker.id, speaker.session, space)
      if (kind === 'list') await spaces.list(speaker, space)
      return true
    } catch (error) {
      log.warn({ err: error }, 'a space could not be entered, left or listed')
      // It has left, and presence is told later; so are the others.
      if (kind === 'leave') return true
      spaces.refuse(speaker, event, space, 'UNAVAILABLE')
      if (kind === 'enter') await spaces.leave(speaker.id, speaker.session, space).catch(() => {})
      return false
    }
  }

  async function performAll(speaker: Speaker, effects: readonly Effect[]): Promise<void> {
    for (const effect of effects) {
      if (effect.kind === 'reply') speaker.send(effect.frame)
      else if (effect.kind === 'direct') await direct(speaker, effect)
      else if (!(await performInSpace(speaker, effect))) return
    }
  }

  return (speaker: Speaker, effects: readonly Effect[]): void | Promise<void> => {
    const [first] = effects
    // Nearly all of the traffic; to somebody here it needs no promise.
    if (first?.kind === 'direct') return direct(speaker, first)
    return serially(speaker.session, () => performAll(speaker, effects))
  }
}
