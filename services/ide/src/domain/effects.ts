import type { UpEvent } from '@switchboard/protocol/ide'

/** To every live connection of the person with this key. `name` is how the speaker wrote it. */
export interface Direct {
  kind: 'direct'
  to: string
  name: string
  frame: string
}

/** What a connection does with a space: goes in or out, or asks who else is there. `event` is what asked for it. */
export interface SpaceEffect {
  kind: 'enter' | 'leave' | 'list'
  space: string
  event: UpEvent
}

/** What an event leads to, in this order; an `enter` that is refused ends the rest. `reply` goes to the connection that spoke. */
export type Effect = { kind: 'reply'; frame: string } | Direct | SpaceEffect
