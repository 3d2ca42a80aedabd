import { HttpError } from '@switchboard/kit/http-error'
import { err, ok, type Result } from '@switchboard/protocol/result'
import type { FastifyRequest } from 'fastify'
import { UNREADABLE } from './body.ts'

/** By name. A name given twice is an array; in JSON it may be anything. */
export type Parameters = Record<string, unknown>

/** Those of the query and the body. The query wins; an empty value gives way to one that is not. */
export function readParameters({ query, body }: Pick<FastifyRequest, 'query' | 'body'>): Result<Parameters> {
  if (body === UNREADABLE) return err('the body is neither a JSON object nor a form')
  const merged = Object.create(null) as Parameters
  for (const source of [body, query])
    for (const [name, value] of Object.entries(source ?? {})) {
      if (value !== '' || !(name in merged)) merged[name] = value
    }
  return ok(merged)
}

/** The value, or 400 in the service's words. */
export function orBad<T>(result: Result<T, string | { message: string }>): T {
  if (result.ok) return result.value
  const { error } = result
  throw new HttpError('BAD_BINDING', typeof error === 'string' ? error : error.message)
}
