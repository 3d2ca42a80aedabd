import type { Unsubscribe } from './broker.ts'

/** One connection in one place. */
export interface Entry {
  /** The connection, `<process>.<n>`. */
  connection: string
  /** Who it is: the key of a person in this place. One person may be there with several connections. */
  person: string
  /** Milliseconds since the epoch. */
  since: number
  /** What those who list the place want to know besides; small, JSON. */
  info?: unknown
}

/** An entry that is there no more. `last`: it was the person's last in that place. */
export interface Gone {
  place: string
  entry: Entry
  last: boolean
}

/**
 * Who is where, and who holds what, across processes. An entry and a claim carry the lease of the process that made
 * them: a process renews its own, and those of one that died are gone within 15 s.
 */
export interface Presence {
  /**
   * `first`: nobody of that person was in the place before. Entering twice with one connection is entering once, with
   * the info of the last time.
   */
  enter(place: string, entry: Entry): Promise<{ first: boolean }>
  /**
   * `last`: that was the person's last connection there. `undefined`: the connection was not there. Another process'
   * connection may be taken out too. Where it rejects, the entry goes as soon as the store is back, and counts as
   * expired.
   */
  leave(place: string, connection: string): Promise<{ last: boolean; entry: Entry } | undefined>
  /** Everyone in the place, oldest first. */
  list(place: string): Promise<Entry[]>
  /** Takes `key` where nobody holds it, or where `connection` holds it already. `ok: false` names the holder. */
  claim(key: string, connection: string): Promise<{ ok: boolean; holder: string }>
  /** Takes `key` from whoever holds it; names the one that lost it. */
  take(key: string, connection: string): Promise<{ displaced?: string }>
  /** Who holds `key`. */
  holder(key: string): Promise<string | undefined>
  /** Gives `key` back where `connection` still holds it; where it rejects, as soon as the store is back. */
  release(key: string, connection: string): Promise<void>
  /**
   * A process died: of those that live and listen for the place, exactly one is called, once for each entry, after the
   * entry is gone.
   *
   * @param prefix What the places begin with that this process answers for.
   */
  onExpired(prefix: string, listener: (gone: Gone) => void): Unsubscribe
  /**
   * A claim of this process is another's by now: this one was away for so long that it counted as dead. Called once for
   * each, with the connection that had it.
   */
  onLost(listener: (key: string, connection: string) => void): Unsubscribe
  /**
   * Calls back in this process after an entry of the place came, changed or went, in whatever process, also with one
   * that died; several changes may be one call. Also when the bus is back after an outage, for what was missed. Only
   * places with one of the prefixes that the bus was opened with are watched.
   */
  watch(place: string, listener: () => void): Promise<Unsubscribe>
  /** Entries and claims that this process holds. */
  readonly size: number
  ping(): Promise<void>
  /** Gives up everything that this process holds. */
  close(): Promise<void>
}
