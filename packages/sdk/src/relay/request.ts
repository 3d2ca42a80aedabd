import type { RequestObject } from '@switchboard/protocol/client/relay'
import { type Answer, acknowledgement } from './answer.ts'

/** A request that came to the public URL. */
export interface RelayRequest extends Omit<RequestObject, 'rawBody'> {
  /** The body byte for byte; absent where there is none. */
  readonly bytes: Uint8Array | undefined
  /**
   * Answers the caller, who waits for 5 s and is told `OK` then. Only the first call counts. Without an answer the request
   * may come again, to the next one who connects with the token.
   *
   * @throws SwitchboardError `BAD_MESSAGE` or `TOO_LARGE`, where HTTP or the relay does not allow such an answer
   */
  answer(answer?: Answer): void
}

function toBytes(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}

/**
 * `undefined` where the body is none.
 *
 * @param acknowledge is called once
 */
export function relayRequest(
  { rawBody, ...request }: RequestObject,
  acknowledge: (args: unknown[]) => void,
): RelayRequest | undefined {
  const bytes = rawBody === undefined ? undefined : toBytes(rawBody)
  if (rawBody !== undefined && !bytes) return undefined
  let isAnswered = false
  return {
    ...request,
    bytes,
    answer(answer = {}) {
      const args = acknowledgement(answer)
      if (isAnswered) return
      isAnswered = true
      acknowledge(args)
    },
  }
}
