/** What waits to be brought on, by its id. */
interface Waiting<T> {
  item: T
  bytes: number
  /** When it came, milliseconds since the epoch. */
  at: number
}

/** Bytes that wait in one backlog; what comes beyond that is lost and counted. Some 100,000 short messages. */
const MAX_BYTES = 64 * 1024 * 1024

/** What came so long before something that is done, is done too: the word of it was lost. */
const SETTLED_MS = 30_000

/** What waits to be brought on, oldest first. The one who works on it removes it, the others keep it until they hear of that. */
export function createBacklog<T extends { id: string }>(now: () => number) {
  const waiting = new Map<string, Waiting<T>>()
  let bytes = 0
  let lost = 0

  function remove(id: string): void {
    bytes -= waiting.get(id)?.bytes ?? 0
    waiting.delete(id)
  }

  return {
    get size() {
      return waiting.size
    },
    /** How many there was no room for. */
    get lost() {
      return lost
    },
    add(item: T, size: number): void {
      if (waiting.has(item.id)) return
      if (bytes + size > MAX_BYTES) {
        lost++
        return
      }
      bytes += size
      waiting.set(item.id, { item, bytes: size, at: now() })
    },
    first(count: number): T[] {
      const found: T[] = []
      for (const { item } of waiting.values()) {
        if (found.length >= count) break
        found.push(item)
      }
      return found
    },
    remove(ids: readonly string[]): void {
      for (const id of ids) remove(id)
    },
    /** Another process did these. */
    settle(ids: readonly string[]): void {
      const newest = Math.max(...ids.map((id) => waiting.get(id)?.at ?? 0))
      for (const id of ids) remove(id)
      for (const [id, { at }] of waiting) {
        if (at > newest - SETTLED_MS) return
        remove(id)
      }
    },
    clear(): void {
      waiting.clear()
      bytes = 0
    },
  }
}
