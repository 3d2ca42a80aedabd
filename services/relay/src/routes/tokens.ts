import { tooMany } from '@switchboard/kit/http-error'
import type { Counter } from '@switchboard/kit/limits'
import type { Server } from '@switchboard/kit/server'
import { couldBeToken } from '../domain/token.ts'
import { notFound } from './go.ts'

const TEXT = 'text/plain; charset=utf-8'

/** Times are milliseconds since the epoch. */
export interface TokenParts {
  store: {
    add(
      token: { token: string; maker: string; expiresAt: number },
      limit: { most: number; now: number },
    ): Promise<{ added: boolean; firstEnds?: number }>
    refresh(token: string, times: { expiresAt: number; now: number }): Promise<boolean>
  }
  newToken(): string
  /** This process's client, where it has it, stays so much longer. */
  refreshed(token: string, expiresAt: number): void
  made: Counter
  /** Most living tokens of one address. */
  most: number
  ttlSeconds: number
  now(): number
}

/** `/new` and `/refresh/:token`, with and without `/v1`. */
export function tokenRoutes(app: Server, parts: TokenParts): void {
  const { store, newToken, refreshed, made, most, ttlSeconds, now } = parts
  for (const prefix of ['', '/v1']) {
    app.get(`${prefix}/new`, { exposeHeadRoute: false }, async (request, reply) => {
      const wait = await made.take(request.ip)
      if (wait > 0) throw tooMany(wait)
      const time = now()
      const token = newToken()
      const expiresAt = time + ttlSeconds * 1000
      const { added, firstEnds = expiresAt } = await store.add(
        { token, maker: request.ip, expiresAt },
        { most, now: time },
      )
      if (!added) throw tooMany(Math.max(1, Math.ceil((firstEnds - time) / 1000)))
      return reply.type(TEXT).header('cache-control', 'no-store').send(token)
    })

    app.get<{ Params: { token: string } }>(
      `${prefix}/refresh/:token`,
      { exposeHeadRoute: false },
      async ({ params: { token } }, reply) => {
        const time = now()
        const expiresAt = time + ttlSeconds * 1000
        if (!couldBeToken(token) || !(await store.refresh(token, { expiresAt, now: time }))) throw notFound()
        refreshed(token, expiresAt)
        return reply.type(TEXT).header('cache-control', 'no-store').send('OK')
      },
    )
  }
}
