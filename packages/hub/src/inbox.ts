type Message = string | undefined

/** Messages taken out, past which the array is moved up: a sender that is always a little too fast never empties it. */
const COMPACT_AT = 1024

/** Messages that came and wait for their turn. */
export class Inbox {
  /** Whether the socket was told to stop reading for it. */
  paused = false
  /** Characters waiting. */
  size = 0
  #messages: Message[] = []
  #head = 0

  get length(): number {
    return this.#messages.length - this.#head
  }

  push(message: Message): void {
    this.#messages.push(message)
    this.size += message?.length ?? 0
  }

  /** The oldest; only where there is one. */
  shift(): Message {
    const message = this.#messages[this.#head]
    this.#messages[this.#head] = undefined
    this.#head++
    if (this.#head >= COMPACT_AT) {
      this.#messages = this.#messages.slice(this.#head)
      this.#head = 0
    }
    this.size -= message?.length ?? 0
    return message
  }
}
