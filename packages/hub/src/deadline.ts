import { Unavailable } from './unavailable.ts'

/** As `work`, but rejects after `ms`. What comes of `work` later is nobody's concern. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Unavailable('the bus did not answer in time')), ms).unref()
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
