import { createLine, type Line } from './line.ts'
import type { Signal } from './signals.ts'

/** Another page, of a person, and whether bytes go there. */
interface Peer {
  user: string
  line: Line
  isOpen: boolean
}

export interface MeshOptions {
  tell(user: string, signal: Signal): void
  /** A new line is open: what is to be said there first. */
  greeting(): Uint8Array
  /** `origin`: for `broadcast`. */
  onBytes(bytes: Uint8Array, origin: unknown): void
  /** By person, how many pages a line is open to. */
  onChange(open: ReadonlyMap<string, number>): void
}

/** A direct line to each page of each person in a space. */
export interface Mesh {
  /** Asks all of somebody's pages to make themselves known. */
  greet(user: string): void
  /** From somebody who is in the space. */
  heard(user: string, signal: Signal): void
  left(user: string): void
  /** To everyone but where it came from. */
  broadcast(bytes: Uint8Array, origin: unknown): void
  close(): void
}

/** Most pages: each costs the browser a connection. */
const PEERS_MAX = 32

export function createMesh({ tell, greeting, onBytes, onChange }: MeshOptions): Mesh {
  const me = `${crypto.getRandomValues(new Uint32Array(4)).join('-')}`
  const peers = new Map<string, Peer>()

  function changed(): void {
    const open = new Map<string, number>()
    for (const { user, isOpen } of peers.values()) if (isOpen) open.set(user, (open.get(user) ?? 0) + 1)
    onChange(open)
  }
  function drop(id: string): void {
    peers.get(id)?.line.close()
    peers.delete(id)
    changed()
  }
  function peer(id: string, user: string): Peer | undefined {
    const known = peers.get(id)
    if (known) return known.user === user ? known : undefined
    if (peers.size >= PEERS_MAX) return undefined
    const made: Peer = {
      user,
      isOpen: false,
      line: createLine({
        from: me,
        to: id,
        tell: (signal) => tell(user, signal),
        onOpen() {
          made.isOpen = true
          made.line.send(greeting())
          changed()
        },
        onBytes: (bytes) => onBytes(bytes, made),
        onLost: () => drop(id),
      }),
    }
    peers.set(id, made)
    return made
  }
  const run = (id: string, work: Promise<void> | undefined) => {
    // What does not fit ends that line, and nothing else.
    work?.catch(() => drop(id))
  }
  return {
    greet: (user) => tell(user, { kind: 'hello', from: me }),
    heard(user, signal) {
      const { from, kind } = signal
      if (from === me || ('to' in signal && signal.to !== me)) return
      // Of two pages, the one with the greater name offers: so both never do.
      if (kind === 'hello' || kind === 'welcome') {
        if (peers.has(from)) return
        if (me > from) run(from, peer(from, user)?.line.offer())
        else if (kind === 'hello') tell(user, { kind: 'welcome', from: me })
      } else if (kind === 'offer' || peers.has(from)) run(from, peer(from, user)?.line.heard(signal))
    },
    left(user) {
      for (const [id, one] of peers) if (one.user === user) drop(id)
    },
    broadcast(bytes, origin) {
      for (const one of peers.values()) if (one !== origin) one.line.send(bytes)
    },
    close() {
      for (const id of [...peers.keys()]) drop(id)
    },
  }
}
