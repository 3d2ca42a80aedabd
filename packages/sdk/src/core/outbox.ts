import { bufferFull } from './errors.ts'
import type { Wire } from './wire.ts'

/**
 * Most that waits to be sent, frames and characters. A server lets 1,000 frames of a connection wait and closes it past
 * that (LIMITS.messages of the protocol), so what is let go at once when a connection is back must not be more.
 */
const OUTBOX_MAX = { frames: 1_000, characters: 1024 * 1024 } as const

interface Waiting {
  frame: string
  onSent: (() => void) | undefined
}

export interface Outbox {
  /**
   * Sends it, now or when there is a connection. Answers how to take it back while it waits.
   *
   * @throws `BUFFER_FULL`
   */
  put(wire: Wire | undefined, frame: string, onSent?: () => void): () => void
  /** Sends what waits, in the order in which it was put. */
  flush(wire: Wire): void
}

export function createOutbox(): Outbox {
  const waiting = new Set<Waiting>()
  let characters = 0

  function remove(one: Waiting): void {
    if (waiting.delete(one)) characters -= one.frame.length
  }
  function send(wire: Wire, { frame, onSent }: Waiting): void {
    wire.send(frame)
    onSent?.()
  }
  return {
    put(wire, frame, onSent) {
      const one = { frame, onSent }
      const size = frame.length + (wire?.bufferedAmount ?? 0) + characters
      if (waiting.size >= OUTBOX_MAX.frames || size > OUTBOX_MAX.characters)
        throw bufferFull('too many messages')
      if (wire?.isOpen) send(wire, one)
      else {
        waiting.add(one)
        characters += frame.length
      }
      return () => remove(one)
    },
    flush(wire) {
      for (const one of waiting) {
        if (!wire.isOpen) return
        remove(one)
        send(wire, one)
      }
    },
  }
}
