import { addLink, type LinkTarget } from '@switchboard/sdk/chat'
import type { ComponentType } from 'preact'
import { server } from '../../state/session.ts'
import { asLeader, LeaderFields } from './leader.tsx'

export interface LinkKind {
  title: string
  /** Of the field that says what it goes to. */
  label: string
  /** Fields beside that. */
  More?: ComponentType
  /** `value`: what it goes to; `more`: what the other fields say. */
  make(room: string, value: string, more: Record<string, string>): Promise<unknown>
}

const link = (room: string, target: LinkTarget) => addLink(server(), room, target)

const CHANNEL: LinkKind = {
  title: 'a channel',
  label: 'Channel',
  make: (room, name) => link(room, { kind: 'channel', name }),
}
const RELAY: LinkKind = {
  title: 'a relay’s address',
  label: 'Token',
  make: (room, address) => link(room, { kind: 'relay', token: address.replace(/^.*\/go\//, '') }),
}
const SPACE: LinkKind = {
  title: 'a space',
  label: 'Space',
  make: (room, id) => link(room, { kind: 'space', id }),
}
const COLLEGE: LinkKind = {
  title: 'a college',
  label: 'College’s id',
  More: LeaderFields,
  make: (room, id, more) => asLeader(more, (token) => link(room, { kind: 'college', id, token })),
}

/** What a room may be linked to; the first is offered first. */
export const LINK_KINDS = [CHANNEL, RELAY, SPACE, COLLEGE] as const
