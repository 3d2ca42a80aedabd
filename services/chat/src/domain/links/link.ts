/** What a room may be linked to. */
export type LinkKind = 'channel' | 'relay' | 'space' | 'college'

export interface Link {
  id: string
  roomId: string
  /** The account of the room's owner. */
  owner: number
  kind: LinkKind
  /** The channel's name, the SHA-256 of the relay token in hex, the space's or the college's id. */
  target: string
  /** The first characters of a relay token; else the target. */
  shown: string
}

/** Where something that links bring on comes from. `target`: of a room, its id. */
export interface Origin {
  kind: 'room' | LinkKind
  target: string
}

export const originKey = ({ kind, target }: Origin): string => `${kind}:${target}`
