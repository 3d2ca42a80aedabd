import type { Envelope } from '@switchboard/protocol/bus'
import type { Broker, Unsubscribe } from './broker.ts'
import type { Outgoing } from './outgoing.ts'
import type { SocketConnection } from './socket-connection.ts'
import type { Topic } from './topic.ts'

interface TopicsOptions<S> {
  broker: Broker
  topics: Map<string, Topic<S>>
  outgoing: Outgoing<S>
  onEnvelope(envelope: Envelope): void
}

/** Who is in which topic. The broker is subscribed to a topic while it has a member here, and no longer. */
export class Topics<S> {
  readonly #options: TopicsOptions<S>
  readonly #topics: Map<string, Topic<S>>

  constructor(options: TopicsOptions<S>) {
    this.#options = options
    this.#topics = options.topics
  }

  async enter(connection: SocketConnection<S>, name: string): Promise<void> {
    const topic = this.#topics.get(name) ?? this.#open(name)
    if (topic.unsubscribe) {
      this.#add(connection, topic)
      return
    }
    topic.entering.add(connection)
    await topic.ready
    // It may have left, and even entered again, in the meantime.
    if (topic.entering.delete(connection) && connection.open) this.#add(connection, topic)
    else this.#closeEmpty(topic)
  }

  /** As `Hub.prepare` says. */
  async prepare(name: string): Promise<Unsubscribe> {
    const topic = this.#topics.get(name) ?? this.#open(name)
    topic.prepared++
    const release = once(() => {
      topic.prepared--
      this.#closeEmpty(topic)
    })
    await topic.ready
    return release
  }

  leave(connection: SocketConnection<S>, name: string): void {
    const topic = this.#topics.get(name)
    if (!topic) return
    topic.entering.delete(connection)
    if (topic.members.has(connection)) {
      this.#options.outgoing.catchUp(connection)
      topic.members.delete(connection)
      connection.removeTopic(name)
    }
    this.#closeEmpty(topic)
  }

  #open(name: string): Topic<S> {
    const topic: Topic<S> = {
      name,
      members: new Set(),
      entering: new Set(),
      prepared: 0,
      ready: Promise.resolve(),
      unsubscribe: undefined,
      runs: undefined,
      bytes: 0,
      restsUntil: 0,
    }
    this.#topics.set(name, topic)
    topic.ready = this.#subscribe(topic)
    return topic
  }

  async #subscribe(topic: Topic<S>): Promise<void> {
    try {
      topic.unsubscribe = await this.#options.broker.subscribe(topic.name, this.#options.onEnvelope)
    } catch (error) {
      this.#topics.delete(topic.name)
      throw error
    }
  }

  #add(connection: SocketConnection<S>, topic: Topic<S>): void {
    if (topic.members.has(connection)) return
    // What was delivered before now is not for it.
    this.#options.outgoing.catchUp(connection)
    topic.members.add(connection)
    connection.addTopic(topic.name)
  }

  #closeEmpty(topic: Topic<S>): void {
    if (topic.members.size > 0 || topic.entering.size > 0 || topic.prepared > 0 || !topic.unsubscribe) return
    this.#topics.delete(topic.name)
    topic.unsubscribe()
    topic.unsubscribe = undefined
  }
}

function once(call: () => void): () => void {
  let called = false
  return () => {
    if (!called) call()
    called = true
  }
}
