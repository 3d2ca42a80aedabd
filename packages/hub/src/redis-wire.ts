import type { Cluster, Redis } from 'ioredis'
import type { Connect, RedisClient } from './connect.ts'

/** Publish and subscribe of one kind of Redis. */
export interface Wire {
  /** Resolves once Redis has acknowledged. */
  subscribe(channels: readonly string[]): Promise<void>
  unsubscribe(channel: string): void
  /** Whether anybody is subscribed; `true` also where that cannot be asked. */
  isHeard(channel: string): Promise<boolean>
  /** All in one write, a server. Resolves with how many envelopes Redis did not take, once it has answered all. */
  publish(messages: readonly Message[]): Promise<number>
  /** Channels of which each server carries one at least, for a process to hear itself on. */
  probes(process: string): string[]
  onMessage(listener: (bytes: Buffer) => void): void
  /** A connection was lost; the other may live. */
  onBroken(listener: () => void): void
  /** Resolves once both connections can be used; needs a deadline. */
  ready(): Promise<void>
  close(): void
}

export interface Message {
  channel: string
  bytes: Buffer
  envelopes: number
}

/** How many envelopes were in the messages that failed. */
const countFailed = (messages: readonly Message[], failed: (index: number) => boolean): number =>
  messages.reduce((sum, { envelopes }, index) => sum + (failed(index) ? envelopes : 0), 0)

/** Channels of one subscription command. */
const CHUNK = 500

async function inChunks(channels: readonly string[], subscribe: (some: string[]) => Promise<unknown>) {
  const all: Promise<unknown>[] = []
  for (let i = 0; i < channels.length; i += CHUNK) all.push(subscribe(channels.slice(i, i + CHUNK)))
  await Promise.all(all)
}

const usable = (client: RedisClient): Promise<void> =>
  client.status === 'ready' ? Promise.resolve() : new Promise((resolve) => client.once('ready', resolve))

/** Two connections; messages are global to the server, whatever the database, so their channels name it. */
function singleWire(publisher: Redis, subscriber: Redis): Wire {
  const name = (channel: string) => `sb${publisher.options.db ?? 0}:${channel}`
  return {
    subscribe: (channels) => inChunks(channels.map(name), (some) => subscriber.subscribe(...some)),
    unsubscribe: (channel) => void subscriber.unsubscribe(name(channel)).catch(() => {}),
    async isHeard(channel) {
      const [, subscribers] = await publisher.pubsub('NUMSUB', name(channel))
      return Number(subscribers) > 0
    },
    async publish(messages) {
      const pipeline = publisher.pipeline()
      for (const { channel, bytes } of messages) pipeline.publish(name(channel), bytes)
      const results = await pipeline.exec()
      return countFailed(messages, (index) => results?.[index]?.[0] !== null)
    },
    probes: (process) => [`~${process}`],
    onMessage: (listener) =>
      void subscriber.on('messageBuffer', (_channel: Buffer, bytes: Buffer) => listener(bytes)),
    onBroken(listener) {
      for (const client of [publisher, subscriber]) client.on('close', listener)
    },
    ready: async () => void (await Promise.all([usable(publisher), usable(subscriber)])),
    close() {
      for (const client of [publisher, subscriber]) client.disconnect()
    },
  }
}

/** One hash tag for each sixteenth of a Cluster's slots, in their order: each server of up to 16 even ones has one. */
const TAGS: readonly string[] = [
  '10',
  '3',
  '61',
  '43',
  '11',
  '2',
  '60',
  '42',
  '12',
  '1',
  '63',
  '41',
  '13',
  '0',
  '62',
  '40',
]

/** Sharded: a channel lives on the server that has its slot. A connection to each server, opened as channels need it. */
function clusterWire(publisher: Cluster, subscriber: Cluster): Wire {
  const name = (channel: string) => `sb:${channel}`
  return {
    subscribe: async (channels) => {
      await Promise.all(channels.map((channel) => subscriber.ssubscribe(name(channel))))
    },
    unsubscribe: (channel) => void subscriber.sunsubscribe(name(channel)).catch(() => {}),
    // The question has no key that would bring it to the server that carries the channel.
    isHeard: async () => true,
    async publish(messages) {
      const all = messages.map(({ channel, bytes }) => publisher.spublish(name(channel), bytes))
      const results = await Promise.allSettled(all)
      return countFailed(messages, (index) => results[index]?.status === 'rejected')
    },
    probes: (process) => TAGS.map((tag) => `{${tag}}~${process}`),
    onMessage: (listener) =>
      void subscriber.on('smessageBuffer', (_channel: Buffer, bytes: Buffer) => listener(bytes)),
    onBroken(listener) {
      for (const client of [publisher, subscriber]) client.on('close', listener)
      subscriber.on('-subscriber', listener)
      // With the node's name it is a subscriber's connection that ended, without it one that nobody needs.
      subscriber.on('-node', (_node: Redis, name?: string) => name !== undefined && listener())
    },
    ready: async () => void (await Promise.all([usable(publisher), usable(subscriber)])),
    close() {
      for (const client of [publisher, subscriber]) client.disconnect()
    },
  }
}

const isCluster = (client: RedisClient): client is Cluster => client.isCluster

/** New connections, on their way. */
export function openWire(connect: Connect): Wire {
  const publisher = connect('publisher')
  const subscriber = connect('subscriber')
  return isCluster(publisher) && isCluster(subscriber)
    ? clusterWire(publisher, subscriber)
    : singleWire(publisher as Redis, subscriber as Redis)
}
