import type { Broker } from '../src/broker.ts'

/** Waits until it is so, looking each 5 ms; fails after 20 s. */
export async function eventually(
  so: () => boolean | Promise<boolean>,
  what = 'it was not so',
): Promise<void> {
  const end = performance.now() + 20_000
  while (!(await so())) {
    if (performance.now() > end) throw new Error(`waited 20 s in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Resolves when the broker says so next. */
export const changed = (broker: Pick<Broker, 'onChange'>, wanted: boolean): Promise<void> =>
  new Promise((resolve) => {
    const end = broker.onChange((up) => {
      if (up !== wanted) return
      end()
      resolve()
    })
  })
