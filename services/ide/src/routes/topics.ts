import { spaceTopic } from '@switchboard/protocol/between'

/** Topics on the bus beside those that other services know, and the places in presence of the same names. */

/** Everything for one person, by key. */
export const personTopic = (key: string) => `ide:person:${key}`

const SPACE = spaceTopic('')
/** The space that a place stands for, if it stands for one. */
export const spaceOf = (place: string) => (place.startsWith(SPACE) ? place.slice(SPACE.length) : undefined)

/** What the processes of this service tell each other. */
export const CONTROL = 'ide:control:spaces'
