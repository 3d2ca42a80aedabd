import type { Broker } from './broker.ts'

/** Whether what is published now is heard by all. */
export interface Hearing {
  isGood(): boolean
  close(): void
}

/**
 * @param othersBackMs How long others may need to be back on the bus after this process is.
 * @param isAway Whether the bus is away now.
 */
export function createHearing(
  broker: Pick<Broker, 'onChange'>,
  othersBackMs: number,
  isAway = false,
): Hearing {
  let goodAt = 0
  const close = broker.onChange((up) => {
    if (up && isAway) goodAt = performance.now() + othersBackMs
    isAway = !up
  })
  return { isGood: () => !isAway && performance.now() >= goodAt, close }
}
