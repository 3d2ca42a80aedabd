import cookie from '@fastify/cookie'
import { err, type Result } from '@switchboard/protocol/result'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { createKeyring } from './keyring.ts'
import type { Revocations } from './revocations.ts'
import { isSameOrigin } from './same-origin.ts'
import { findToken, type TokenPlaces } from './token-places.ts'
import {
  type Audience,
  createTokens,
  type Issued,
  type TokenProblem,
  type Tokens,
  type Who,
} from './tokens.ts'

declare module 'fastify' {
  interface FastifyInstance {
    tokens: Tokens
  }
  interface FastifyRequest {
    /** Who asks, by the token in one of these places. Never rejects. */
    identify(places: TokenPlaces): Promise<Result<Who, TokenProblem>>
  }
  interface FastifyReply {
    /** The cookie `token`, until the token runs out. */
    setTokenCookie(issued: Issued): FastifyReply
    clearTokenCookie(): FastifyReply
  }
}

export interface AccessOptions {
  /** The first signs, all verify. */
  secrets: readonly string[]
  audience: Audience
  revocations: Revocations
  /** Other origins whose pages may make changes that the cookie authorises. */
  allowedOrigins: readonly string[]
  /** Milliseconds since the epoch. */
  clock?: () => number
}

const COOKIE = 'token'

/** Methods that change nothing (RFC 9110 §9.2.1), of those that are routed. */
const SAFE_METHODS = new Set(['GET', 'HEAD'])

/** Scripts never see it, other sites' requests do not carry it, and nothing outside the API gets it. */
const cookieOptions = (request: FastifyRequest) => ({
  path: '/api/v1',
  httpOnly: true,
  sameSite: 'lax' as const,
  secure: request.protocol === 'https',
})

async function registerAccess(
  app: FastifyInstance,
  { secrets, audience, revocations, allowedOrigins, clock = Date.now }: AccessOptions,
): Promise<void> {
  await app.register(cookie)
  const keyring = await createKeyring(app, secrets)
  const onError = (error: unknown) => app.log.error({ err: error }, 'revoked tokens could not be looked up')
  const tokens = createTokens({ keyring, audience, revocations, clock, onError })

  app.decorate('tokens', tokens)

  app.decorateRequest('identify', async function (this: FastifyRequest, places: TokenPlaces) {
    const found = findToken(this, places)
    if (!found) return err('MISSING')
    const change = !SAFE_METHODS.has(this.method)
    if (found.fromCookie && change && !isSameOrigin(this, allowedOrigins)) return err('CROSS_SITE')
    return tokens.verify(found.token)
  })

  app.decorateReply('setTokenCookie', function (this: FastifyReply, { token, expiresAt }: Issued) {
    return this.setCookie(COOKIE, token, { ...cookieOptions(this.request), expires: new Date(expiresAt) })
  })

  app.decorateReply('clearTokenCookie', function (this: FastifyReply) {
    return this.clearCookie(COOKIE, cookieOptions(this.request))
  })
}

/**
 * Tokens of a service: `app.tokens`, `request.identify(places)`, `reply.setTokenCookie()`, `reply.clearTokenCookie()`.
 * Registers `@fastify/jwt` and `@fastify/cookie` itself.
 */
export const access = plugin(registerAccess, { fastify: '5.x', name: 'switchboard-access' })
