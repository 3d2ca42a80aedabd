import { MemoryBroker, type MemoryBus } from '@switchboard/hub/broker-memory'

/** Another process on the bus: what it hears on these topics, as JSON with the topic, in order. */
export function listenTo(bus: MemoryBus, topics: readonly string[]) {
  const publisher = new MemoryBroker(bus)
  const listener = new MemoryBroker(bus)
  const heard: object[] = []
  for (const topic of topics) {
    void listener.subscribe(topic, ({ payload }) => {
      heard.push({ topic, ...(JSON.parse(payload.toString()) as object) })
    })
  }
  return {
    heard,
    publish: (topic: string) => publisher.publish({ topic, payload: Buffer.from('{}') }),
    async [Symbol.asyncDispose]() {
      await Promise.all([publisher.close(), listener.close()])
    },
  }
}
