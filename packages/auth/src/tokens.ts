import { randomUUID } from 'node:crypto'
import { checker } from '@switchboard/protocol/decode'
import { err, ok, type Result } from '@switchboard/protocol/result'
import { type Static, Type } from 'typebox'
import type { Account } from './account.ts'
import type { Keyring } from './keyring.ts'
import type { Revocations, TokenIdentity } from './revocations.ts'

/**
 * Where a token is good: ide, chat and channels take one another's, nemesis its own. On LDAP those speak for its own
 * subjects instead of accounts, whose ids mean somebody else.
 */
export type Audience = 'switchboard' | 'nemesis' | 'nemesis-ldap'

/** Whom a token is issued to; an `Account` is one. */
export type Holder = Pick<Account, 'id' | 'username' | 'generation'>

/** Who a token speaks for. */
export interface Who extends TokenIdentity {
  /** The username, as it was written. */
  name: string
  /** The IDE that the token was issued to. */
  ide?: string
  /** When it was last known to be good: before the database was asked. Milliseconds, of the plugin's clock. */
  checkedAt: number
}

/** `CROSS_SITE`: only a cookie spoke for a change, and another site asked for it. `UNAVAILABLE`: nobody could be asked. */
export type TokenProblem = 'MISSING' | 'INVALID' | 'CROSS_SITE' | 'UNAVAILABLE'

export interface Issued {
  token: string
  /** Milliseconds since the epoch. */
  expiresAt: number
  who: Who
}

export interface Tokens {
  issue(holder: Holder, options: { ttlSeconds: number; ide?: string | undefined }): Issued
  /** Any string. The database is asked at every call: a token that cannot be looked up is not accepted. */
  verify(token: string): Promise<Result<Who, Exclude<TokenProblem, 'CROSS_SITE'>>>
  /**
   * Takes a verified token back everywhere. `true`: it was good until now; of two at once, one hears `true`.
   * Rejects where the database does not answer.
   */
  revoke(who: Who): Promise<boolean>
}

const UUID = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'

const Claims = Type.Object({
  /** The account's id. */
  sub: Type.String({ pattern: '^[1-9][0-9]{0,9}$' }),
  name: Type.String(),
  /** Seconds since the epoch, as in RFC 7519; `exp` too. */
  iat: Type.Integer({ minimum: 0 }),
  exp: Type.Integer({ minimum: 0 }),
  jti: Type.String({ pattern: UUID }),
  aud: Type.String(),
  /** The account's generation when it was issued. */
  gen: Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }),
  ide: Type.Optional(Type.String()),
})

export type Claims = Static<typeof Claims>

const checkClaims = checker(Claims)

/** Longest token that is looked at, in characters; ours have about 400 and an `ide_id`. */
const TOKEN_MAX = 4096

const MAX_ID = 2 ** 31 - 1

function whoOf({ sub, name, exp, jti, gen, ide }: Claims, checkedAt: number): Who {
  const who: Who = {
    accountId: Number(sub),
    name,
    jti,
    generation: gen,
    expiresAt: exp * 1000,
    checkedAt,
  }
  if (ide !== undefined) who.ide = ide
  return who
}

export interface TokensOptions {
  keyring: Keyring
  audience: Audience
  revocations: Revocations
  /** Milliseconds since the epoch. */
  clock: () => number
  /** The database did not answer. */
  onError: (error: unknown) => void
}

export function createTokens({ keyring, audience, revocations, clock, onError }: TokensOptions): Tokens {
  return {
    issue({ id, username, generation }, { ttlSeconds, ide }) {
      const now = clock()
      const iat = Math.floor(now / 1000)
      const claims: Claims = {
        sub: String(id),
        name: username,
        iat,
        exp: iat + ttlSeconds,
        jti: randomUUID(),
        aud: audience,
        gen: generation,
      }
      if (ide !== undefined) claims.ide = ide
      return { token: keyring.sign(claims), expiresAt: claims.exp * 1000, who: whoOf(claims, now) }
    },

    async verify(token) {
      if (token === '') return err('MISSING')
      if (token.length > TOKEN_MAX) return err('INVALID')
      const claims = checkClaims(keyring.verify(token))
      if (!claims.ok || claims.value.aud !== audience) return err('INVALID')
      const who = whoOf(claims.value, clock())
      // RFC 7519 §4.1.4: on or after `exp` it must not be accepted.
      if (who.checkedAt >= who.expiresAt || who.accountId > MAX_ID) return err('INVALID')
      try {
        return (await revocations.isGood(who)) ? ok(who) : err('INVALID')
      } catch (error) {
        onError(error)
        return err('UNAVAILABLE')
      }
    },

    revoke: (who) => revocations.revoke(who),
  }
}
