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
