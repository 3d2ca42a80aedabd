import type { Unsubscribe } from '@switchboard/hub/broker'
import type { Presence } from '@switchboard/hub/presence'
import type { Slots } from '../domain/ports.ts'

const KEYS = 'relay:token:'
const keyOf = (token: string): string => KEYS + token

/** A token's slot is a claim in presence, so that it is free again when its process dies. */
export const slotsIn = (presence: Presence): Slots => ({
  take: (token, connection) => presence.take(keyOf(token), connection),
  keep: async (token, connection) => (await presence.claim(keyOf(token), connection)).ok,
  holder: (token) => presence.holder(keyOf(token)),
  release: (token, connection) => presence.release(keyOf(token), connection),
})

/** Another connection has the slot that one of this process had: it was away for too long. */
export const onLostSlot = (presence: Presence, listener: (connection: string) => void): Unsubscribe =>
  presence.onLost((key, connection) => key.startsWith(KEYS) && listener(connection))
