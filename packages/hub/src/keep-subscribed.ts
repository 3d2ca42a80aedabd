import type { Broker, Listener, Unsubscribe } from './broker.ts'

/**
 * Subscribes, for as long as the process lives, what must not stop a start: resolves once it is subscribed or the bus
 * turned out to be away, and subscribes as soon as the bus is back.
 *
 * @param missed Called when it is subscribed after an outage: what was published meanwhile was not heard.
 */
export async function keepSubscribed(
  broker: Pick<Broker, 'subscribe' | 'onChange'>,
  topic: string,
  listener: Listener,
  missed: () => void = () => {},
): Promise<Unsubscribe> {
  let ended = false
  let trying = false
  let unsubscribe: Unsubscribe | undefined

  /** Where it fails, the broker says when it is back. */
  async function subscribe(): Promise<void> {
    if (ended || trying) return
    trying = true
    const end = await broker.subscribe(topic, listener).catch(() => undefined)
    trying = false
    if (ended) end?.()
    else unsubscribe = end
  }

  async function renew(): Promise<void> {
    if (!unsubscribe) await subscribe()
    if (unsubscribe) missed()
  }

  const unwatch = broker.onChange((up) => void (up && renew()))
  await subscribe()
  return () => {
    ended = true
    unwatch()
    unsubscribe?.()
    unsubscribe = undefined
  }
}
