import type { Presence } from '@switchboard/hub/presence'
import type { Slots } from '../domain/ports.ts'

const keyOf = (token: string): string => `relay:token:${token}`

/** A token's slot is a claim in presence, so that it is free again when its process dies. */
export const slotsIn = (presence: Presence): Slots => ({
  take: (token, connection) => presence.take(keyOf(token), connection),
  keep: async (token, connection) => (await presence.claim(keyOf(token), connection)).ok,
  holder: (token) => presence.holder(keyOf(token)),
  release: (token, connection) => presence.release(keyOf(token), connection),
})
