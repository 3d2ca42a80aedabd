/**
 * Redis could not be reached, or would not do it. Fastify answers `statusCode`. What the client library says beside the
 * message holds the command's arguments, tokens and texts, so it is not taken along.
 */
class RedisAway extends Error {
  override name = 'RedisAway'
  readonly statusCode = 503
}

/** A reply's first word says what is wrong (`LOADING`, `OOM`), the rest may repeat arguments. */
const reason = ({ name, message }: Error): string =>
  name === 'ReplyError' ? message.split(' ', 1)[0] || name : message

/** The answer of Redis. @throws RedisAway */
export async function ask<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw new RedisAway(`Redis: ${reason(error as Error)}`)
  }
}
