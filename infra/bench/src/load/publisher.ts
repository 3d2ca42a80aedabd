import { maskAt } from '../wire/frames.ts'
import type { Seat } from '../wire/seat.ts'
import { SEQUENCE_AT, SEQUENCE_DIGITS, textOf } from './mark.ts'
import type { Person, Wire } from './wires.ts'

const ZERO = 0x30

/** Says numbered messages: bytes that were made once, with the number changed. */
export class Publisher {
  readonly #seat: Seat
  readonly #template: Buffer
  /** Where the number's first digit is, and the bytes that mask it and the others. */
  readonly #digitsAt: number
  readonly #masks: number[]

  constructor(seat: Seat, person: Person, wire: Wire) {
    const text = textOf(person.index, 0)
    const message = wire.message(person, text)
    const from = Buffer.byteLength(message.slice(0, message.indexOf(text) + text.indexOf('@'))) + SEQUENCE_AT
    const masked = wire.transport === 'websocket'
    this.#seat = seat
    this.#template = seat.encode(message)
    const end = masked ? 0 : '\r\n'.length
    this.#digitsAt = this.#template.length - end - Buffer.byteLength(message) + from
    this.#masks = Array.from({ length: SEQUENCE_DIGITS }, (_, i) => (masked ? maskAt(from + i) : 0))
  }

  say(sequence: number): void {
    const bytes = Buffer.from(this.#template)
    let rest = sequence
    for (let i = SEQUENCE_DIGITS - 1; i >= 0; i--) {
      bytes[this.#digitsAt + i] = ((rest % 10) + ZERO) ^ (this.#masks[i] as number)
      rest = Math.floor(rest / 10)
    }
    this.#seat.write(bytes)
  }
}
