import type { Broker } from '../src/broker.ts'

/** Resolves when the broker says so next. */
export const changed = (broker: Pick<Broker, 'onChange'>, wanted: boolean): Promise<void> =>
  new Promise((resolve) => {
    const end = broker.onChange((up) => {
      if (up !== wanted) return
      end()
      resolve()
    })
  })

/** Resolves when each of them was away and is back: one may be back before the other has noticed anything. */
export async function awayAndBack(...brokers: Pick<Broker, 'onChange'>[]): Promise<void> {
  await Promise.all(brokers.map((broker) => changed(broker, false).then(() => changed(broker, true))))
}
