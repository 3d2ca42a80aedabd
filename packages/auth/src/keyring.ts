import { createHmac } from 'node:crypto'
import jwt from '@fastify/jwt'
import type { FastifyInstance } from 'fastify'

declare module '@fastify/jwt' {
  interface FastifyJWT {
    /** One for each secret, by its key id. */
    namespaces: string
  }
}

/** Signs with the newest secret, and knows the tokens of all. */
export interface Keyring {
  sign(claims: object): string
  /** The claims, where the signature is ours; expiry and the rest are for the caller. Never throws. */
  verify(token: string): unknown
}

/** Names a secret in a token's header without telling anything of it: 48 bits of an HMAC. */
const keyId = (secret: string): string =>
  createHmac('sha256', secret).update('switchboard key id').digest('base64url').slice(0, 8)

/** The `kid` that a token claims; nothing is trusted yet. */
function claimedKey(token: string): string | undefined {
  try {
    const header: unknown = JSON.parse(
      Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString(),
    )
    const kid = (header as { kid?: unknown } | null)?.kid
    return typeof kid === 'string' ? kid : undefined
  } catch {
    return undefined
  }
}

/** @param secrets the first signs, all verify; at least one */
export async function createKeyring(app: FastifyInstance, secrets: readonly string[]): Promise<Keyring> {
  const [newest] = secrets
  if (newest === undefined || secrets.includes('')) throw new Error('a token needs a secret')
  const byKey = new Map([...new Set(secrets)].map((secret) => [keyId(secret), secret]))
  for (const [kid, secret] of byKey) {
    await app.register(jwt, {
      secret,
      namespace: kid,
      sign: { algorithm: 'HS256', kid },
      // Expiry is checked by the plugin's own clock.
      verify: { algorithms: ['HS256'], ignoreExpiration: true, cache: false },
    })
  }
  return {
    sign: (claims) => app.jwt[keyId(newest)]?.sign(claims) ?? '',
    verify(token) {
      const kid = claimedKey(token)
      if (kid === undefined || !byKey.has(kid)) return undefined
      try {
        return app.jwt[kid]?.verify(token)
      } catch {
        return undefined
      }
    },
  }
}
