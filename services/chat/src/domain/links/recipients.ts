import type { LinkGraph } from './graph.ts'
import type { Link, Origin } from './link.ts'
import type { Post } from './poster.ts'
import { draftsOf, frameOf, type IdOf, type Said } from './said.ts'

export interface RecipientsOptions {
  graph(): LinkGraph
  /** Whether the account may enter the space now. Does not reject: no answer is a no. */
  isOpen(account: number, space: string): Promise<boolean>
  idOf: IdOf
  /** Milliseconds since the epoch. */
  now(): number
}

/** Who hears what is said at an origin, as links are now. */
export function createRecipients({ graph, isOpen, idOf, now }: RecipientsOptions) {
  /** A space's links, but for those whose owners may not enter it (any more). */
  async function openOnes(space: string, links: readonly Link[]): Promise<readonly Link[]> {
    const owners = [...new Set(links.map(({ owner }) => owner))]
    const answers = await Promise.all(owners.map((owner) => isOpen(owner, space)))
    const open = new Set(owners.filter((_, index) => answers[index]))
    return links.filter(({ owner }) => open.has(owner))
  }

  async function roomsAndChannels(origin: Origin): Promise<{ rooms: string[]; channels: string[] }> {
    const { kind, target } = origin
    if (kind === 'room' || kind === 'channel') return graph().reach(origin)
    const links = graph().linksTo(kind, target)
    const told = kind === 'space' ? await openOnes(target, links) : links
    // What a link posts is said in the room, which brings it on by itself.
    return { rooms: told.map(({ roomId }) => roomId), channels: [] }
  }

  return async (origin: Origin, batch: readonly Said[]): Promise<Post> => {
    const { rooms, channels } = await roomsAndChannels(origin)
    const sent = now()
    return {
      drafts: batch.flatMap((said) => rooms.flatMap((roomId) => draftsOf(said, roomId, idOf, sent))),
      frames: batch.flatMap((said) => channels.map((channel) => frameOf(said, channel))),
    }
  }
}
