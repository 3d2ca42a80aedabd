import type { Envelope } from '@switchboard/protocol/bus'
import { jsonDecoder } from '@switchboard/protocol/decode'
import { type Static, Type } from 'typebox'

/** What is needed of the hub's broker. */
export interface Broker {
  publish(envelope: Envelope): void
  subscribe(topic: string, listener: (envelope: Envelope) => void): Promise<() => void>
  /** `false`: the bus went away; `true`: it is back, and what was published meanwhile is lost. */
  onChange(listener: (up: boolean) => void): () => void
}

/** Every process hears here of every revocation. */
export const REVOKED_TOPIC = 'auth:revoked'

/** One token of an account, or all that were issued before this generation. */
const Revocation = Type.Union([
  Type.Object({ account: Type.Integer(), jti: Type.String() }),
  Type.Object({ account: Type.Integer(), generation: Type.Integer() }),
])

export type Revocation = Static<typeof Revocation>

export const decodeRevocation = jsonDecoder(Revocation)

export function publishRevocation(broker: Pick<Broker, 'publish'>, revocation: Revocation): void {
  broker.publish({ topic: REVOKED_TOPIC, payload: Buffer.from(JSON.stringify(revocation)) })
}
