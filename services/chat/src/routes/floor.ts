import { randomUUID } from 'node:crypto'
import type { Broker } from '@switchboard/hub/broker'
import type { Connection } from '@switchboard/hub/connection'
import { Hub } from '@switchboard/hub/hub'
import { decodeUp, encodeMessage, REASONS } from '@switchboard/protocol/chat'
import { LIMITS } from '@switchboard/protocol/limits'
import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../domain/clock.ts'
import { Feeds, type FeedsOptions } from '../domain/rooms/feeds.ts'
import { type Stored, Writer, type WriterStore } from '../domain/rooms/writer.ts'
import { frameArray } from './framing.ts'
import { localBroker } from './local-broker.ts'
import { roomPlace } from './room.ts'
import type { Session } from './session.ts'

export interface FloorOptions {
  broker: Broker
  writes: WriterStore
  reads: FeedsOptions['store']
  clock: Clock
  /** `false`: as many messages as a client likes. */
  limits: boolean
  log: FastifyBaseLogger
}

/** Where messages go round: from a connection to the writer, once stored to the bus, and from there to the rooms. */
export interface Floor {
  hub: Hub<Session>
  feeds: Feeds
  writer: Writer
  /** To everyone in its room. Of one room in the order of the numbers. */
  publish(message: Stored): void
  /** Stores what was said, tells everyone to come back, and lets go of the rooms. */
  close(): Promise<void>
}

/** An error's code alone: what a database says about a row may hold a message's text. */
export const codeOf = (error: unknown) => ({
  code: (error as { code?: unknown }).code,
  name: (error as Error).name,
})

export function createFloor({ broker, writes, reads, clock, limits, log }: FloorOptions): Floor {
  const feeds = new Feeds({
    bus: broker,
    store: reads,
    clock,
    topic: roomPlace,
    deliver: (roomId, payload) => hub.deliver(roomPlace(roomId), payload),
    onError: (error) => log.warn(codeOf(error), 'a room could not be followed'),
  })

  function publish({ draft, number }: Stored): void {
    const { id, roomId, sender, textJson, sent } = draft
    const payload = Buffer.from(encodeMessage({ id, sender, textJson, createTime: Math.floor(sent / 1000) }))
    // First here: while the bus is away it may have no subscription of this process.
    feeds.live(roomId, number, payload)
    broker.publish({ topic: roomPlace(roomId), seq: number, payload })
  }

  const writer = new Writer({
    store: writes,
    clock,
    unseenMs: (roomId) => hub.restMs(roomPlace(roomId)),
    onStored: (messages) => messages.forEach(publish),
    onError: (error) => log.warn(codeOf(error), 'messages could not be stored yet'),
  })

  function hear(connection: Connection<Session>, text: string | undefined): Promise<void> | undefined {
    const { speaker, roomId } = connection.session
    if (!speaker) return void connection.close(1008, REASONS.readOnly)
    const up = text === undefined ? undefined : decodeUp(text)
    if (text === undefined || !up?.ok) return void connection.close(1008, REASONS.badMessage)
    const { id, username, sender } = speaker
    const textJson = JSON.stringify(up.value.text)
    const draft = { id: randomUUID(), roomId, sender: { id, username }, textJson, sent: clock.now() }
    return writer.add(sender, draft, Buffer.byteLength(text))
  }

  const hub = new Hub<Session>({
    broker: localBroker(broker.process),
    limits: limits ? LIMITS.messages : false,
    framing: frameArray,
    message: hear,
    closed: (connection) => connection.session.release(),
    onError: (error) => log.warn({ err: error }, 'a connection failed'),
  })

  return {
    hub,
    feeds,
    writer,
    publish,
    async close() {
      await writer.close()
      await hub.close()
      feeds.close()
    },
  }
}
