import type { Revocation } from './broker.ts'
import type { Who } from './tokens.ts'

/** Something that must end when its token is revoked. */
export interface Watched {
  who: Who
  revoked: () => void
}

export const concerns = (revocation: Revocation, who: Who): boolean =>
  revocation.account === who.accountId &&
  ('jti' in revocation ? revocation.jti === who.jti : who.generation < revocation.generation)

/** What is watched, found by account. */
export interface WatchedSet {
  add(watched: Watched): void
  remove(watched: Watched): void
  /** Takes it out and says so to its owner, once. */
  end(watched: Watched): void
  endAll(revocation: Revocation): void
  all(): Watched[]
}

export function createWatchedSet(): WatchedSet {
  const byAccount = new Map<number, Set<Watched>>()

  function remove(watched: Watched): boolean {
    const { accountId } = watched.who
    const set = byAccount.get(accountId)
    const removed = set?.delete(watched) ?? false
    if (set?.size === 0) byAccount.delete(accountId)
    return removed
  }

  function end(watched: Watched): void {
    if (remove(watched)) watched.revoked()
  }

  return {
    add(watched) {
      const { accountId } = watched.who
      const set = byAccount.get(accountId) ?? new Set()
      byAccount.set(accountId, set.add(watched))
    },
    remove,
    end,
    endAll(revocation) {
      for (const watched of [...(byAccount.get(revocation.account) ?? [])]) {
        if (concerns(revocation, watched.who)) end(watched)
      }
    },
    all: () => [...byAccount.values()].flatMap((set) => [...set]),
  }
}
