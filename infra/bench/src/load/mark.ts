/**
 * What makes a message recognisable wherever a server puts it: `@pppp.ssssssss@`, the publisher and the number of its
 * message, at the end of a text of constant length.
 */
const MARK_BYTES = 15
const PUBLISHER_AT = 1
const DOT_AT = 5
export const SEQUENCE_AT = 6
export const SEQUENCE_DIGITS = 8

const AT = 0x40
const DOT = 0x2e
const ZERO = 0x30

/** Characters of every text; with a room's usual members around it that makes a JSON message of about 150 bytes. */
const TEXT_LENGTH = 88

/** The text of a publisher's message. */
export function textOf(publisher: number, sequence: number): string {
  const mark = `@${String(publisher).padStart(4, '0')}.${String(sequence).padStart(SEQUENCE_DIGITS, '0')}@`
  return mark.padStart(TEXT_LENGTH, 'x')
}

function areDigits(bytes: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO
    if (digit < 0 || digit > 9) return false
  }
  return true
}

function isMark(bytes: Buffer, at: number): boolean {
  return (
    bytes[at] === AT &&
    bytes[at + DOT_AT] === DOT &&
    bytes[at + MARK_BYTES - 1] === AT &&
    areDigits(bytes, at + PUBLISHER_AT, at + DOT_AT) &&
    areDigits(bytes, at + SEQUENCE_AT, at + SEQUENCE_AT + SEQUENCE_DIGITS)
  )
}

function find(bytes: Buffer, from: number, end: number): number {
  for (let at = from; at + MARK_BYTES <= end; at++) if (isMark(bytes, at)) return at
  return -1
}

function number(bytes: Buffer, at: number, digits: number): number {
  let value = 0
  for (let i = at; i < at + digits; i++) value = value * 10 + (bytes[i] as number) - ZERO
  return value
}

/** Called for each mark. */
export type OnMark<T> = (who: T, publisher: number, sequence: number) => void

/**
 * Finds every mark of a message, in order. Messages of one server have one length, so the next mark is looked for first
 * where the last ones were: no two of them fit into the distance between two.
 */
export class MarkScanner<T> {
  readonly #onMark: OnMark<T>
  #first = 0
  #distance = 0

  constructor(onMark: OnMark<T>) {
    this.#onMark = onMark
  }

  /** Answers how many marks `bytes[start..end)` has. */
  scan(who: T, bytes: Buffer, start: number, end: number): number {
    let count = 0
    for (let at = this.#firstMark(bytes, start, end); at !== -1; at = this.#nextMark(bytes, at, end)) {
      count++
      this.#onMark(
        who,
        number(bytes, at + PUBLISHER_AT, DOT_AT - PUBLISHER_AT),
        number(bytes, at + SEQUENCE_AT, SEQUENCE_DIGITS),
      )
    }
    return count
  }

  #firstMark(bytes: Buffer, start: number, end: number): number {
    const guess = start + this.#first
    const fits = this.#distance === 0 || this.#first < this.#distance
    if (fits && guess + MARK_BYTES <= end && isMark(bytes, guess)) return guess
    const at = find(bytes, start, end)
    if (at !== -1) this.#first = at - start
    return at
  }

  #nextMark(bytes: Buffer, last: number, end: number): number {
    const guess = last + this.#distance
    if (guess > last && guess + MARK_BYTES <= end && isMark(bytes, guess)) return guess
    const at = find(bytes, last + MARK_BYTES, end)
    if (at !== -1) this.#distance = at - last
    return at
  }
}
