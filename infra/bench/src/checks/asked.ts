/** What a check is given. */
export interface Asked {
  /** `http://host:port` of the first process and of the last, which is the same where there is one. */
  first: string
  last: string
  /** Ends whatever was begun. */
  signal: AbortSignal
  /** Names what comes next, for the line that is told where it fails. */
  expect(promise: string): void
}

/** Rejects where the service does not do what it is measured at. */
export type Check = (asked: Asked) => Promise<void>

/** The next items of something that is iterated over. */
export async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = []
  for await (const item of items) if (taken.push(item) === count) break
  return taken
}

/** A name that nobody had before, also in a database that is kept for the whole bench. */
export const freshName = (prefix: string): string => `${prefix}-${crypto.randomUUID().slice(0, 8)}`
