import { type Link, type LinkKind, type Origin, originKey } from './link.ts'

/** All that hears what is said somewhere, the place itself left out. */
interface Reach {
  /** Their ids. */
  rooms: string[]
  /** Their names. */
  channels: string[]
}

/** All links of an installation. */
export interface LinkGraph {
  readonly size: number
  /** Everything that some link brings on from. */
  readonly origins: readonly Origin[]
  linksTo(kind: LinkKind, target: string): readonly Link[]
  /** Rooms and channels are one graph, and each is reached once, by whatever way. */
  reach(from: Origin): Reach
}

/** The other end of a channel's link, seen from either. */
const endsOf = ({ roomId, target }: Link): [room: Origin, channel: Origin] => [
  { kind: 'room', target: roomId },
  { kind: 'channel', target },
]

function neighboursIn(links: readonly Link[]): Map<string, Origin[]> {
  const neighbours = new Map<string, Origin[]>()
  const join = (from: Origin, to: Origin) => {
    const known = neighbours.get(originKey(from))
    if (known) known.push(to)
    else neighbours.set(originKey(from), [to])
  }
  for (const link of links) {
    if (link.kind !== 'channel') continue
    const [room, channel] = endsOf(link)
    join(room, channel)
    join(channel, room)
  }
  return neighbours
}

function originsOf(links: readonly Link[]): Origin[] {
  const origins = new Map<string, Origin>()
  for (const link of links) {
    const { kind, target } = link
    const found = kind === 'channel' ? endsOf(link) : [{ kind, target }]
    for (const origin of found) origins.set(originKey(origin), origin)
  }
  return [...origins.values()]
}

export function graphOf(links: readonly Link[]): LinkGraph {
  const neighbours = neighboursIn(links)
  const byTarget = Map.groupBy(links, originKey)
  return {
    size: links.length,
    origins: originsOf(links),
    linksTo: (kind, target) => byTarget.get(originKey({ kind, target })) ?? [],
    reach(from) {
      const seen = new Set([originKey(from)])
      const found: Origin[] = []
      const open = [from]
      for (let here = open.pop(); here; here = open.pop()) {
        for (const next of neighbours.get(originKey(here)) ?? []) {
          if (seen.has(originKey(next))) continue
          seen.add(originKey(next))
          found.push(next)
          open.push(next)
        }
      }
      const targets = (kind: Origin['kind']) =>
        found.filter((one) => one.kind === kind).map(({ target }) => target)
      return { rooms: targets('room'), channels: targets('channel') }
    },
  }
}
