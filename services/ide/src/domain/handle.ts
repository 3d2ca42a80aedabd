import { type BadFrame, encodeDown, encodeMsg, type Up, type UpEvent } from '@switchboard/protocol/ide'
import { type Name, parseUsername } from '@switchboard/protocol/names'
import type { Effect } from './effects.ts'

/** What is known of the connection that speaks. */
export interface Speaker {
  me: Name
  spaces: Pick<ReadonlyMap<string, unknown>, 'has' | 'size'>
  /** Most spaces that it may be in. */
  places: number
}

/** What goes back for a `send` to `to` that reached nobody. */
export const unsent = (to: string, code: 'NOT_CONNECTED' | 'UNAVAILABLE'): string =>
  encodeDown('error', { event: 'send', to, code })

function send({ me }: Speaker, to: string, dataJson: string): Effect[] {
  const name = parseUsername(to)
  if (!name.ok) return [{ kind: 'reply', frame: unsent(to, 'NOT_CONNECTED') }]
  return [{ kind: 'direct', to: name.value.key, name: to, frame: encodeMsg(me.name, dataJson) }]
}

function enter({ spaces, places }: Speaker, event: UpEvent, space: string, then: Effect[]): Effect[] {
  if (spaces.has(space)) return then
  if (spaces.size < places) return [{ kind: 'enter', space, event }, ...then]
  return [{ kind: 'reply', frame: encodeDown('error', { event, space, code: 'TOO_MANY_PLACES' }) }]
}

/** What an event of a client leads to. */
export function handle(speaker: Speaker, up: Up): Effect[] {
  const { event } = up
  switch (event) {
    case 'send':
      return send(speaker, up.params.to, up.params.dataJson)
    case 'list':
      return enter(speaker, event, up.params.space, [{ kind: 'list', space: up.params.space, event }])
    case 'join':
      return enter(speaker, event, up.params.space, [])
    case 'leave':
      return speaker.spaces.has(up.params.space) ? [{ kind: 'leave', space: up.params.space, event }] : []
  }
}

/** What a malformed frame leads to. */
export const refuse = (bad: BadFrame): Effect[] => [
  { kind: 'reply', frame: encodeDown('error', { ...bad, code: 'BAD_MESSAGE' }) },
]
