import type { Broker, Listener, Unsubscribe } from './broker.ts'

/**
 * Subscribes, for as long as the process lives, what must not stop a start: resolves once it is subscribed or the bus
 * turned out to be away. It is then subscribed as soon as the bus is back, before the later of `onChange`'s listeners
 * hear of that; whoever must miss nothing looks again then, as after any outage.
 */
export async function keepSubscribed(
  broker: Pick<Broker, 'subscribe' | 'onChange'>,
  topic: string,
  listener: Listener,
): Promise<Unsubscribe> {
  let ended = false
  let trying = false
  let unsubscribe: Unsubscribe | undefined

  async function subscribe(): Promise<void> {
    if (ended || trying || unsubscribe) return
    trying = true
    try {
      const end = await broker.subscribe(topic, listener)
      if (ended) end()
      else unsubscribe = end
    } catch {
      // The broker says when it is back.
    } finally {
      trying = false
    }
  }

  const unwatch = broker.onChange((up) => void (up && subscribe()))
  await subscribe()
  return () => {
    ended = true
    unwatch()
    unsubscribe?.()
    unsubscribe = undefined
  }
}
