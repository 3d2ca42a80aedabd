import type { KeptEntry } from '@switchboard/hub/kept-entry'
import type { Name } from '@switchboard/protocol/names'

/** What the service keeps for one connection. */
export interface Session {
  me: Name
  accountId: number
  /** When it connected, milliseconds since the epoch. */
  since: number
  /** The spaces that it is in, and when it entered each, milliseconds since the epoch. */
  spaces: Map<string, number>
  /** It is reported as a connection of its account, with its spaces. */
  account: KeptEntry
  /** Settles once the connection can be reached and has its first space; nothing of it is handled before. */
  starting: Promise<void> | undefined
  /** The last change of `spaces` that was asked for. */
  tail: Promise<unknown>
}

/**
 * Changes of one connection's spaces, one after the other: a person taken out of a repo while entering its space must
 * have entered first, or would stay.
 */
export function serially<T>(session: Session, change: () => Promise<T>): Promise<T> {
  const result = session.tail.then(change)
  session.tail = result.catch(() => {})
  return result
}
