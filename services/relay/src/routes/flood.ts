import { LIMITS } from '@switchboard/protocol/limits'

const { burst, perSecond, waiting } = LIMITS.messages

/**
 * How much a connection has sent that nobody asked for. It is ignored as soon as it is read, so nothing is ever delayed;
 * but one that would have more waiting than a connection may is told apart here.
 */
export class Flood {
  #level = 0
  #since: number

  /** @param now Milliseconds. */
  constructor(now: number) {
    this.#since = now
  }

  /** Counts one packet; `true`: too many. */
  add(now: number): boolean {
    this.#level = Math.max(0, this.#level - ((now - this.#since) * perSecond) / 1000) + 1
    this.#since = now
    return this.#level > burst + waiting
  }
}
