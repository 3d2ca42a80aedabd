import { isToken } from '@switchboard/protocol/client/relay'
import { badAnswer } from '../core/errors.ts'
import { requestText, type Server } from '../core/http.ts'

/** A token, and with it a public URL. Rejects with `RATE_LIMITED` past 60 a minute from one address. */
export async function newToken(server: Server): Promise<string> {
  const token = await requestText(server, '/v1/new')
  if (!isToken(token)) throw badAnswer('a token')
  return token
}

/** The token lives its whole time again. Rejects with `NOT_FOUND` where there is no such token (any more). */
export async function refreshToken(server: Server, token: string): Promise<void> {
  await requestText(server, `/v1/refresh/${encodeURIComponent(token)}`)
}
