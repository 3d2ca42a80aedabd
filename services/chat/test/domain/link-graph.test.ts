import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { graphOf } from '../../src/domain/links/graph.ts'
import type { Link, LinkKind, Origin } from '../../src/domain/links/link.ts'

const linkOf = (kind: LinkKind, roomId: string, target: string): Link => ({
  id: `${roomId} ${kind} ${target}`,
  roomId,
  owner: 1,
  kind,
  target,
  shown: target,
})

// Rooms and channels of the same names, so that mixing them up would show.
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '__proto__')
const kind = fc.constantFrom<LinkKind>('channel', 'channel', 'channel', 'relay', 'space', 'college')
const links = fc.array(
  fc.tuple(kind, name, name).map(([of, room, target]) => linkOf(of, room, target)),
  { maxLength: 30 },
)
const origin = fc.record({ kind: fc.constantFrom<'room' | 'channel'>('room', 'channel'), target: name })

/** As slowly and plainly as it can be: what one link adds to what is reached, until none adds anything. */
function reachedBy(all: readonly Link[], from: Origin): Set<string> {
  const reached = new Set([`${from.kind} ${from.target}`])
  for (let before = 0; before < reached.size; ) {
    before = reached.size
    for (const link of all) {
      if (link.kind !== 'channel') continue
      const ends = [`room ${link.roomId}`, `channel ${link.target}`]
      if (ends.some((end) => reached.has(end))) for (const end of ends) reached.add(end)
    }
  }
  reached.delete(`${from.kind} ${from.target}`)
  return reached
}

describe('whatever the links are', () => {
  it('what is said somewhere reaches everything that is linked, however far, each once, and not itself', () => {
    fc.assert(
      fc.property(links, origin, (all, from) => {
        const { rooms, channels } = graphOf(all).reach(from)
        const reached = [...rooms.map((id) => `room ${id}`), ...channels.map((one) => `channel ${one}`)]
        expect(reached.toSorted()).toEqual([...reachedBy(all, from)].toSorted())
      }),
    )
  })

  it('who is reached reaches back, so that nobody is left out by where something was said', () => {
    fc.assert(
      fc.property(links, name, name, (all, one, other) => {
        const graph = graphOf(all)
        const there = graph.reach({ kind: 'room', target: one }).rooms.includes(other)
        expect(graph.reach({ kind: 'room', target: other }).rooms.includes(one)).toBe(there)
      }),
    )
  })

  it('an origin is everything that some link begins at, once', () => {
    fc.assert(
      fc.property(links, (all) => {
        const expected = new Set(
          all.flatMap((link) =>
            link.kind === 'channel'
              ? [`room ${link.roomId}`, `channel ${link.target}`]
              : [`${link.kind} ${link.target}`],
          ),
        )
        const origins = graphOf(all).origins.map((one) => `${one.kind} ${one.target}`)
        expect(origins.toSorted()).toEqual([...expected].toSorted())
      }),
    )
  })
})

it('a notice goes to the rooms that are linked to just that', () => {
  const all = [linkOf('relay', 'a', 'x'), linkOf('relay', 'b', 'x'), linkOf('space', 'c', 'x')]
  const graph = graphOf(all)
  expect(graph.linksTo('relay', 'x').map(({ roomId }) => roomId)).toEqual(['a', 'b'])
  expect(graph.linksTo('college', 'x')).toEqual([])
  expect(graph.reach({ kind: 'room', target: 'a' })).toEqual({ rooms: [], channels: [] })
})
