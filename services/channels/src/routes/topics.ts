import { channelTopic } from '@switchboard/protocol/between'

/** Topics on the bus beside those that other services know, and the places in presence of the same names. */

/** Everyone who is logged in. */
export const EVERYONE = 'channels:all'

const CHANNEL = channelTopic('')
/** The channel that a place stands for, if it stands for one. */
export const channelOf = (place: string) =>
  place.startsWith(CHANNEL) ? place.slice(CHANNEL.length) : undefined

/** The claim that makes a nickname its holder's. */
export const nickClaim = (key: string) => `channels:nick:${key}`

/** What the processes of this service tell each other: the id of a connection that lost its nickname. */
export const DISPLACED = 'channels:control:displaced'
