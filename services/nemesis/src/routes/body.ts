import { parse } from 'node:querystring'
import { parseJson } from '@switchboard/protocol/decode'
import type { FastifyInstance } from 'fastify'

/** Stands for a body that holds no parameters. What that means differs by endpoint, so reading it is no error yet. */
export const UNREADABLE = Symbol('unreadable body')

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A form where it says it is one, JSON in every other case. */
export function readBody(type: string | undefined, text: string): unknown {
  if (text === '') return undefined
  if (type?.toLowerCase().startsWith('application/x-www-form-urlencoded')) return parse(text)
  const parsed = parseJson(text)
  return parsed.ok && isObject(parsed.value) ? parsed.value : UNREADABLE
}

/** Reads every body of these routes, whatever it says it is, and refuses none for what it holds. */
export function readEveryBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) =>
    done(null, readBody(request.headers['content-type'], body as string)),
  )
}
