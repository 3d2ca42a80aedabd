import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { couldBeToken } from '../domain/token.ts'

/**
 * What a client answers is shown on an origin that it shares with other services: it may run nothing there
 * (`sandbox`), be taken for nothing else, and stay nowhere.
 */
const GUARDS = [
  ['content-security-policy', 'sandbox'],
  ['x-content-type-options', 'nosniff'],
  ['cache-control', 'no-store'],
] as const

/** Where a request to a token's URL goes. */
export interface Target {
  token: string
  /** What follows the token, as it arrived: path and query. */
  url: string
}

const GO = /^(\/(?:v1\/)?go)(?:\/([^/?]*))?(?=[/?]|$)/
/** Stands for whatever cannot be a token. */
const NO_TOKEN = '-'

const TARGET = Symbol('target')

interface Arrival extends IncomingMessage {
  [TARGET]?: Target
}

/** Set for every request to a token's URL. */
export const targetOf = (request: Arrival): Target | undefined => request[TARGET]

function enter(request: Arrival, response: ServerResponse): void {
  const url = request.url ?? ''
  const match = GO.exec(url)
  if (!match) return
  for (const [name, value] of GUARDS) response.setHeader(name, value)
  const [start, prefix = '', given = ''] = match
  const token = couldBeToken(given) ? given : NO_TOKEN
  const rest = url.slice(start.length)
  request[TARGET] = { token, url: rest.startsWith('/') ? rest : `/${rest}` }
  request.url = `${prefix}/${token}`
}

/**
 * Takes requests to tokens' URLs before the router does, so that any further path is the client's, however long it is
 * and whether or not it decodes, and that every answer, also the router's own, carries the guards.
 */
export function watchDoor(server: Server): void {
  server.prependListener('request', enter)
}
