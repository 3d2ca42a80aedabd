/** What browsers in a space tell one another over ide to find a direct line. `from`, `to`: of one page, not of a person. */
export type Signal =
  | { kind: 'hello' | 'welcome'; from: string }
  | { kind: 'offer' | 'answer'; from: string; to: string; sdp: string }
  | {
      kind: 'candidate'
      from: string
      to: string
      candidate: string
      mid: string | null
      line: number | null
    }

/** With the space: a person may be in several. */
export interface Letter {
  console: 1
  space: string
  signal: Signal
}

type Unknown<T> = { [K in keyof T]?: unknown }

const isText = (value: unknown): value is string => typeof value === 'string'

function isSignal(value: unknown): value is Signal {
  const { kind, from, to, sdp, candidate, mid, line } = Object(value) as Unknown<
    Signal & { to: 1; sdp: 1; candidate: 1; mid: 1; line: 1 }
  >
  if (!isText(from)) return false
  if (kind === 'hello' || kind === 'welcome') return true
  if (!isText(to)) return false
  if (kind === 'offer' || kind === 'answer') return isText(sdp)
  const isPlace = (mid === null || isText(mid)) && (line === null || typeof line === 'number')
  return kind === 'candidate' && isText(candidate) && isPlace
}

/** What somebody sent may be anything. */
export function readLetter(data: unknown, space: string): Signal | undefined {
  const letter = Object(data) as Unknown<Letter>
  return letter.console === 1 && letter.space === space && isSignal(letter.signal) ? letter.signal : undefined
}
