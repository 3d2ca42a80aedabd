/** Topics on the bus, and the places in presence of the same names. */

/** Everything for one person, by key. */
export const personTopic = (key: string) => `ide:person:${key}`

const SPACE = 'ide:space:'
export const spaceTopic = (space: string) => SPACE + space
/** The space that a place stands for, if it stands for one. */
export const spaceOf = (place: string) => (place.startsWith(SPACE) ? place.slice(SPACE.length) : undefined)

/** What the processes of this service tell each other. */
export const CONTROL = 'ide:control:spaces'
