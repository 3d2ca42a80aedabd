import type { Links } from '../wire/links.ts'
import { Seat } from '../wire/seat.ts'
import type { Person, Wire } from './wires.ts'

export interface SeatsOptions {
  links: Links
  /** Connections take turns, unless {@link portOf} says where one goes. */
  ports: readonly number[]
  portOf?: ((person: Person) => number | undefined) | undefined
  wire: Wire
  people: readonly Person[]
  /** The number of the first seat. */
  from?: number
  heard?: (seat: Seat, bytes: Buffer, start: number, end: number) => number
  /** One was ready and is gone. */
  lost?: (why: string) => void
}

/** Handshakes at a time, unless the wire wants fewer. */
const HANDSHAKES = 64
/** Seconds without a new connection after which connecting has failed. */
const PATIENCE_SECONDS = 20

/** Connects everyone; rejects where one is refused, or where nothing moves for 20 s. */
export function seatAll({
  links,
  ports,
  portOf,
  wire,
  people,
  from = 0,
  heard,
  lost,
}: SeatsOptions): Promise<Seat[]> {
  const seats: Seat[] = []
  const done = Promise.withResolvers<Seat[]>()
  let ready = 0
  const watch = setTimeout(
    () => done.reject(new Error(`${ready} of ${people.length} connected, then nothing moved`)),
    PATIENCE_SECONDS * 1000,
  )
  const next = (): void => {
    const person = people[seats.length]
    if (person === undefined) return
    const index = from + seats.length
    let isReady = false
    const seat = new Seat(index, {
      links,
      port: portOf?.(person) ?? (ports[index % ports.length] as number),
      transport: wire.transport,
      path: wire.path?.(person) ?? '',
      protocols: wire.protocols?.(person) ?? [],
      steps: wire.steps?.(person) ?? [],
      answer: wire.answer,
      heard: heard ?? (() => 0),
      ready() {
        isReady = true
        watch.refresh()
        if (++ready === people.length) done.resolve(seats)
        else next()
      },
      lost(_seat, why) {
        if (isReady) lost?.(why)
        else done.reject(new Error(`${person.role} ${person.index}: ${why}`))
      },
    })
    seats.push(seat)
  }
  for (let i = 0; i < (wire.handshakes ?? HANDSHAKES); i++) next()
  if (people.length === 0) done.resolve(seats)
  return done.promise.finally(() => clearTimeout(watch))
}
