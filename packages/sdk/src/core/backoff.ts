/** Milliseconds of the first wait at most, and of every wait at most. */
const BACKOFF_MS = { first: 1_000, last: 30_000 } as const

/**
 * How long to wait before the next try, in milliseconds: anything from nothing to a bound that doubles from 1 s to 30 s
 * ("full jitter"), so that the clients of a server that went do not all come back at once.
 *
 * @param failures how many tries failed in a row, from 1
 */
export const backoff = (failures: number): number =>
  Math.random() * Math.min(BACKOFF_MS.first * 2 ** (failures - 1), BACKOFF_MS.last)
