import type { Numbered } from './message.ts'

/** What is delivered from now on, for someone who is still catching up. */
interface Tap {
  readonly messages: readonly Numbered<Buffer>[]
  readonly bytes: number
  stop(): void
}

/** The receiving end of one room in this process. */
export interface Members {
  /** The number of the newest message that was delivered. */
  readonly last: number
  /** What comes after number `last` is theirs. */
  start(last: number): void
  deliver(messages: readonly Numbered<Buffer>[]): void
  tap(): Tap
  /** Nothing is delivered until what is answered is called. */
  hold(): () => void
}

/** @param send to those who are members by now */
export function createMembers(send: (payload: Buffer) => void): Members {
  const taps = new Set<{ messages: Numbered<Buffer>[]; bytes: number }>()
  const waiting: Numbered<Buffer>[] = []
  let last = 0
  let holds = 0

  function release(): void {
    holds--
    if (holds === 0) deliver(waiting.splice(0))
  }

  function deliver(messages: readonly Numbered<Buffer>[]): void {
    if (holds > 0) {
      waiting.push(...messages)
      return
    }
    for (const message of messages) {
      send(message.item)
      last = message.number
      for (const tap of taps) {
        tap.messages.push(message)
        tap.bytes += message.item.length
      }
    }
  }

  return {
    get last() {
      return last
    },
    start(first) {
      last = first
    },
    deliver,
    tap() {
      const tap = { messages: [], bytes: 0 }
      taps.add(tap)
      return Object.assign(tap, { stop: () => void taps.delete(tap) })
    },
    hold() {
      holds++
      let held = true
      return () => {
        if (held) release()
        held = false
      }
    },
  }
}
