export type Stop = () => void

/** Time, handed in so that tests can make it pass. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  after(milliseconds: number, call: () => void): Stop
  every(milliseconds: number, call: () => void): Stop
}

export const sleep = (clock: Clock, milliseconds: number): Promise<void> =>
  new Promise((resolve) => clock.after(milliseconds, resolve))
