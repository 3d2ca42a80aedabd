/** One place where a text changed: what was taken out there, and what was put in. */
export interface Edit {
  at: number
  removed: number
  inserted: string
}

const isHigh = (code: number): boolean => code >= 0xd800 && code < 0xdc00
const isLow = (code: number): boolean => code >= 0xdc00 && code < 0xe000

/** What was typed, from the texts before and after. Never half of a surrogate pair. */
export function editBetween(before: string, after: string): Edit {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  if (start > 0 && isHigh(before.charCodeAt(start - 1))) start--
  let end = 0
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++
  if (end > 0 && isLow(before.charCodeAt(before.length - end))) end--
  return { at: start, removed: before.length - start - end, inserted: after.slice(start, after.length - end) }
}

/** Where a cursor is after a change by somebody else, as Yjs describes it. */
export function moved(
  cursor: number,
  delta: readonly { retain?: number | undefined; insert?: unknown; delete?: number | undefined }[],
): number {
  let at = 0
  let now = cursor
  for (const { retain = 0, insert, delete: removed = 0 } of delta) {
    at += retain
    if (typeof insert === 'string') {
      if (at <= now) now += insert.length
      at += insert.length
    }
    if (at < now) now -= Math.min(removed, now - at)
  }
  return now
}
