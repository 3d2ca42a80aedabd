import type { Connection } from '@switchboard/hub/connection'
import type { Hub } from '@switchboard/hub/hub'
import type { Presence } from '@switchboard/hub/presence'
import type { FastifyBaseLogger } from 'fastify'
import type { Direct, Effect, SpaceEffect } from '../domain/effects.ts'
import { unsent } from '../domain/handle.ts'
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
  async function directElsewhere(speaker: Speaker, topic: string, { name, frame }: Direct): Promise<void> {
    try {
      const live = await presence.list(topic)
      if (live.length > 0) hub.publish(topic, frame)
      else speaker.send(unsent(name, 'NOT_CONNECTED'))
    } catch (error) {
      log.warn({ err: error }, 'presence is away')
      speaker.send(unsent(name, 'UNAVAILABLE'))
    }
  }

  /** Presence is asked only about those whom this process does not know: they are in another, or nowhere. */
  function direct(speaker: Speaker, effect: Direct): void | Promise<void> {
    const topic = personTopic(effect.to)
    if (!hub.hasMembers(topic)) return directElsewhere(speaker, topic, effect)
    hub.publish(topic, effect.frame)
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
    const first = effects[0]
    // Nearly all of the traffic; to somebody here it needs no promise.
    if (first?.kind === 'direct') return direct(speaker, first)
    return serially(speaker.session, () => performAll(speaker, effects))
  }
}
