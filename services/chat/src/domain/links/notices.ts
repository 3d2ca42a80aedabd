import { decodeRegistered, decodeRelayed, RELAYED_BODY_MAX } from '@switchboard/protocol/between'
import { decodeDown as decodeFrame, TYPES } from '@switchboard/protocol/channels'
import { decodeDown as decodeEvent } from '@switchboard/protocol/ide'
import type { LinkKind } from './link.ts'
import type { Said } from './said.ts'

/** Most characters of a request's path that are posted. */
const PATH_MAX = RELAYED_BODY_MAX

const firstOf = (text: string, count: number): string =>
  text.length <= count ? text : [...text].slice(0, count).join('')

/** What the bus brings, with its id where it names one. `origin`: what a notice's sender is called before the `@`. */
type Read = (payload: string, origin: string) => (Omit<Said, 'id'> & { id?: string }) | undefined

/** An original never has an `@` in its nickname; what has one was brought there by a link. */
const readChannel: Read = (payload) => {
  const frame = decodeFrame(payload)
  if (!frame.ok || frame.value.type !== TYPES.message) return undefined
  const { user, message } = frame.value
  return user.includes('@') ? undefined : { username: `${user}@channels`, via: 'channels', text: message }
}

const readRelay: Read = (payload, shown) => {
  const request = decodeRelayed(payload)
  if (!request.ok) return undefined
  const { id, method, path, body } = request.value
  const line = `${method} ${firstOf(path, PATH_MAX)}`
  const text = body === '' ? line : `${line}\n${firstOf(body, RELAYED_BODY_MAX)}`
  return { id, username: `${shown}@relay`, via: 'relay', text }
}

const readSpace: Read = (payload) => {
  const event = decodeEvent(payload)
  if (!event.ok || (event.value.event !== 'joined' && event.value.event !== 'died')) return undefined
  const { user, space } = event.value.params
  const done = event.value.event === 'joined' ? 'entered' : 'left'
  return { username: `${user}@ide`, via: 'ide', text: `${done} ${space}` }
}

const readCollege: Read = (payload, college) => {
  const registration = decodeRegistered(payload)
  if (!registration.ok) return undefined
  const { id, team } = registration.value
  return { id, username: `${college}@nemesis`, via: 'nemesis', text: `a registration for ${team} came in` }
}

/** What is said in what the bus brings of a link's target; `undefined`: nothing for a room. */
export const READERS: Readonly<Record<LinkKind, Read>> = {
  channel: readChannel,
  relay: readRelay,
  space: readSpace,
  college: readCollege,
}
