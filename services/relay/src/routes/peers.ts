import type { Broker } from '@switchboard/hub/broker'
import { keepSubscribed } from '@switchboard/hub/keep-subscribed'
import { jsonDecoder } from '@switchboard/protocol/decode'
import { ACK_PATIENCE_MS, type Answer, RequestHead } from '@switchboard/protocol/relay'
import { type Static, Type } from 'typebox'
import type { Incoming } from '../domain/incoming.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Clock, Peers } from '../domain/ports.ts'
import { processOf, type Relay } from '../domain/relay.ts'
import { Calls } from './calls.ts'

/** Each is followed by a line feed and bytes, where it says so. */
const Message = Type.Union([
  /** Followed by the request's body where `hasBody`. */
  Type.Object({
    kind: Type.Literal('forward'),
    call: Type.Integer(),
    from: Type.String(),
    token: Type.String(),
    request: RequestHead,
    hasBody: Type.Boolean(),
  }),
  Type.Object({
    kind: Type.Literal('displace'),
    call: Type.Integer(),
    from: Type.String(),
    connection: Type.String(),
  }),
  /** The process lives and has what it was sent. */
  Type.Object({ kind: Type.Literal('accepted'), call: Type.Integer(), from: Type.String() }),
  /** Followed by the answer's body. No `delivery`: the client is not there, or not any more. */
  Type.Object({
    kind: Type.Literal('outcome'),
    call: Type.Integer(),
    delivery: Type.Optional(
      Type.Union([Type.Literal('delivered'), Type.Literal('queued'), Type.Literal('unknown')]),
    ),
    answer: Type.Optional(
      Type.Object({
        status: Type.Integer(),
        headers: Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())])),
      }),
    ),
  }),
  Type.Object({ kind: Type.Literal('wake'), token: Type.String() }),
])
type Message = Static<typeof Message>
type Forward = Extract<Message, { kind: 'forward' }>
type Displace = Extract<Message, { kind: 'displace' }>
type OutcomeMessage = Extract<Message, { kind: 'outcome' }>

const decodeMessage = jsonDecoder(Message)

/** A request may be held back, then written and waited for; some more for the way. */
const OUTCOME_PATIENCE_MS = 2 * ACK_PATIENCE_MS + 2_000
/** A client that displaced another one waits no longer for what that one left. */
const DISPLACED_PATIENCE_MS = 2_000

const NEWLINE = 0x0a
const NO_BODY = new Uint8Array()

const topicOf = (process: string): string => `relay:process:${process}`

/** What this process says to the others, and hears from them. */
export function createPeers(broker: Broker, clock: Clock) {
  const calls = new Calls<Outcome>(clock)
  const from = broker.process

  function send(process: string, message: Message, body: string | Uint8Array = NO_BODY): void {
    const payload = Buffer.concat([Buffer.from(`${JSON.stringify(message)}\n`), Buffer.from(body)])
    broker.publish({ topic: topicOf(process), payload })
  }

  const peers: Peers = {
    forward: (process, token, { body, ...request }) =>
      calls.make(process, OUTCOME_PATIENCE_MS, (call) => {
        const hasBody = body !== undefined
        send(process, { kind: 'forward', call, from, token, request, hasBody }, body)
      }),
    async displace(connection) {
      const process = processOf(connection)
      await calls.make(process, DISPLACED_PATIENCE_MS, (call) =>
        send(process, { kind: 'displace', call, from, connection }),
      )
    },
    wake: (process, token) => send(process, { kind: 'wake', token }),
  }

  async function forwarded(relay: Relay, message: Forward, body: Buffer) {
    const { call, token, request, hasBody } = message
    send(message.from, { kind: 'accepted', call, from })
    const incoming: Incoming = { ...request, body: hasBody ? body : undefined }
    const outcome = await relay.receive(token, incoming)
    if (!outcome) return send(message.from, { kind: 'outcome', call })
    const given = outcome.delivery === 'delivered' ? outcome.answer : undefined
    const told: OutcomeMessage = { kind: 'outcome', call, delivery: outcome.delivery }
    if (given) told.answer = { status: given.status, headers: given.headers }
    send(message.from, told, given?.body)
  }

  async function displaced(relay: Relay, { call, from: asker, connection }: Displace) {
    send(asker, { kind: 'accepted', call, from })
    await relay.displace(connection)
    send(asker, { kind: 'outcome', call })
  }

  function hear(relay: Relay, message: Message, body: Buffer, onError: (error: unknown) => void): void {
    switch (message.kind) {
      case 'forward':
        calls.heard(message.from)
        forwarded(relay, message, body).catch(onError)
        break
      case 'displace':
        calls.heard(message.from)
        displaced(relay, message).catch(onError)
        break
      case 'accepted':
        calls.heard(message.from)
        calls.accepted(message.call)
        break
      case 'outcome':
        calls.answered(message.call, outcomeOf(message, body))
        break
      case 'wake':
        relay.wake(message.token)
        break
    }
  }

  return {
    ...peers,
    /** From here on what other processes say reaches the relay. */
    async listen(relay: Relay, onError: (error: unknown) => void): Promise<() => void> {
      const unsubscribe = await keepSubscribed(broker, topicOf(broker.process), ({ payload }) => {
        const end = payload.indexOf(NEWLINE)
        const message = decodeMessage(payload.toString('utf8', 0, Math.max(end, 0)))
        if (message.ok) hear(relay, message.value, payload.subarray(end + 1), onError)
      })
      const unwatch = broker.onChange((up) => up && calls.heard())
      return () => {
        unwatch()
        unsubscribe()
        calls.close()
      }
    },
  }
}

function outcomeOf({ delivery, answer }: OutcomeMessage, body: Buffer): Outcome | undefined {
  if (delivery !== 'delivered' || !answer) return delivery && { delivery }
  const given: Answer = { ...answer, body }
  return { delivery, answer: given }
}
