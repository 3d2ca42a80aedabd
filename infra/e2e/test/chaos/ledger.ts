/** What was said, and who heard what in which order. */
export interface Ledger {
  sent(text: string): void
  received(room: string, client: string, id: string, text: string): void
  /** A connection ended; the client comes back. */
  closed(code: number): void
  /** An attempt to come back failed. */
  refused(): void
  /** A client cannot go on: always wrong. */
  ended(why: string): void
}

export interface Figures {
  sent: number
  /** Came back to the sender. */
  acknowledged: number
  /** Did not, but is in the history: the sender could not know. */
  storedUnacknowledged: number
  /** Neither. */
  neverStored: number
  received: number
  /** Acknowledged, and not in the history. */
  lost: number
  /** In the history, and one member of the room never heard it. */
  missed: number
  /** Heard, and not in the history. */
  unstored: number
  doubled: number
  outOfOrder: number
  /** By close code. */
  closed: Readonly<Record<string, number>>
  refused: number
  wrong: readonly string[]
}

export function createLedger() {
  const sent = new Set<string>()
  const acknowledged = new Set<string>()
  const heard = new Map<string, Map<string, string[]>>()
  const closed: Record<string, number> = {}
  const wrong: string[] = []
  let refused = 0
  let received = 0

  const ledger: Ledger = {
    sent: (text) => void sent.add(text),
    received(room, client, id, text) {
      received++
      const clients = heard.get(room) ?? new Map<string, string[]>()
      heard.set(room, clients)
      const ids = clients.get(client) ?? []
      clients.set(client, ids)
      ids.push(id)
      if (text.startsWith(`${client} `)) acknowledged.add(text)
    },
    closed(code) {
      closed[code] = (closed[code] ?? 0) + 1
    },
    refused: () => void refused++,
    ended: (why) => void wrong.push(why),
  }

  /** @param history by room, what is stored there in its order */
  function figures(history: ReadonlyMap<string, readonly { id: string; text: string }[]>): Figures {
    const stored = new Set([...history.values()].flat().map(({ text }) => text))
    const tally = { missed: 0, unstored: 0, doubled: 0, outOfOrder: 0 }
    let lost = 0
    for (const text of acknowledged) if (!stored.has(text)) lost++
    for (const [room, clients] of heard)
      for (const ids of clients.values()) compare(history.get(room) ?? [], ids, tally)
    const unacknowledged = [...sent].filter((text) => !acknowledged.has(text))
    const storedUnacknowledged = unacknowledged.filter((text) => stored.has(text)).length
    return {
      sent: sent.size,
      acknowledged: acknowledged.size,
      storedUnacknowledged,
      neverStored: unacknowledged.length - storedUnacknowledged,
      received,
      lost,
      ...tally,
      closed,
      refused,
      wrong,
    }
  }

  return { ledger, figures }
}

/** One client's messages against the room's, from the first that it heard on. */
function compare(
  history: readonly { id: string }[],
  ids: readonly string[],
  tally: { missed: number; unstored: number; doubled: number; outOfOrder: number },
): void {
  const places = new Map(history.map(({ id }, place) => [id, place]))
  const seen = new Set<string>()
  let at = -1
  for (const id of ids) {
    const place = places.get(id)
    if (seen.has(id)) tally.doubled++
    else if (place === undefined) tally.unstored++
    else if (place < at) tally.outOfOrder++
    seen.add(id)
    at = Math.max(at, place ?? at)
  }
  const first = places.get(ids[0] ?? '') ?? 0
  for (const { id } of history.slice(first)) if (!seen.has(id)) tally.missed++
}
