import type { Broker } from '@switchboard/hub/broker'
import { jsonDecoder } from '@switchboard/protocol/decode'
import { ACK_PATIENCE_MS, type Answer, RequestHead } from '@switchboard/protocol/relay'
import { type Static, Type } from 'typebox'
import type { Incoming } from '../domain/incoming.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Clock, Peers } from '../domain/ports.ts'
import { processOf, type Relay } from '../domain/relay.ts'

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
  /** The process lives and has the request. */
  Type.Object({ kind: Type.Literal('accepted'), call: Type.Integer() }),
  /** Followed by the answer's body. No `delivery`: the client is not there. */
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
  Type.Object({ kind: Type.Literal('displace'), connection: Type.String() }),
  Type.Object({ kind: Type.Literal('wake'), token: Type.String() }),
])
type Message = Static<typeof Message>
type Forward = Extract<Message, { kind: 'forward' }>
type OutcomeMessage = Extract<Message, { kind: 'outcome' }>

const decodeMessage = jsonDecoder(Message)

/** A process that has not said within this time that it has the request is gone. */
const ACCEPT_PATIENCE_MS = 2_000
/** A request may be held back, then written and waited for; some more for the way. */
const OUTCOME_PATIENCE_MS = 2 * ACK_PATIENCE_MS + ACCEPT_PATIENCE_MS

const NEWLINE = 0x0a
const NO_BODY = new Uint8Array()

const topicOf = (process: string): string => `relay:process:${process}`

interface Call {
  settle(outcome: Outcome | undefined): void
  /** Waits for so long from now. */
  extend(ms: number): void
}

/** What this process says to the others, and hears from them. */
export function createPeers(broker: Broker, clock: Clock) {
  const calls = new Map<number, Call>()
  let lastCall = 0

  function send(process: string, message: Message, body: string | Uint8Array = NO_BODY): void {
    const payload = Buffer.concat([Buffer.from(`${JSON.stringify(message)}\n`), Buffer.from(body)])
    broker.publish({ topic: topicOf(process), payload })
  }

  const peers: Peers = {
    forward(process, token, { body, ...request }) {
      const call = ++lastCall
      return new Promise((resolve) => {
        let stop = () => {}
        const settle = (outcome: Outcome | undefined) => {
          stop()
          calls.delete(call)
          resolve(outcome)
        }
        const extend = (ms: number) => {
          stop()
          stop = clock.after(ms, () => settle(undefined))
        }
        calls.set(call, { settle, extend })
        extend(ACCEPT_PATIENCE_MS)
        const from = broker.process
        send(process, { kind: 'forward', call, from, token, request, hasBody: body !== undefined }, body)
      })
    },
    displace: (connection) => send(processOf(connection), { kind: 'displace', connection }),
    wake: (process, token) => send(process, { kind: 'wake', token }),
  }

  async function answer(relay: Relay, { call, from, token, request, hasBody }: Forward, body: Buffer) {
    send(from, { kind: 'accepted', call })
    const incoming: Incoming = { ...request, body: hasBody ? body : undefined }
    const outcome = await relay.receive(token, incoming)
    if (!outcome) return send(from, { kind: 'outcome', call })
    const given = outcome.delivery === 'delivered' ? outcome.answer : undefined
    const message: OutcomeMessage = { kind: 'outcome', call, delivery: outcome.delivery }
    if (given) message.answer = { status: given.status, headers: given.headers }
    send(from, message, given?.body)
  }

  function hear(relay: Relay, message: Message, body: Buffer, onError: (error: unknown) => void): void {
    switch (message.kind) {
      case 'forward':
        answer(relay, message, body).catch(onError)
        break
      case 'accepted':
        calls.get(message.call)?.extend(OUTCOME_PATIENCE_MS)
        break
      case 'outcome':
        calls.get(message.call)?.settle(outcomeOf(message, body))
        break
      case 'displace':
        relay.displace(message.connection)
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
      const unsubscribe = await broker.subscribe(topicOf(broker.process), ({ payload }) => {
        const end = payload.indexOf(NEWLINE)
        const message = decodeMessage(payload.toString('utf8', 0, Math.max(end, 0)))
        if (message.ok) hear(relay, message.value, payload.subarray(end + 1), onError)
      })
      return () => {
        unsubscribe()
        for (const call of calls.values()) call.settle(undefined)
      }
    },
  }
}

function outcomeOf({ delivery, answer }: OutcomeMessage, body: Buffer): Outcome | undefined {
  if (delivery !== 'delivered' || !answer) return delivery && { delivery }
  const given: Answer = { ...answer, body }
  return { delivery, answer: given }
}
