import { type Broker, publishRevocation } from './broker.ts'
import type { PrismaClient } from './generated/client.ts'
import { inRounds } from './rounds.ts'
import type { Statements } from './statements.ts'

/** What says of a token whether it was taken back. */
export interface TokenIdentity {
  accountId: number
  jti: string
  generation: number
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** Tokens that were taken back before they ran out. Every call rejects where the database does not answer. */
export interface Revocations {
  /** The account is there, and neither this token nor all of its generation were taken back. */
  isGood(token: TokenIdentity): Promise<boolean>
  /** Those of many that are not good, in one look-up. */
  findRevoked<T extends TokenIdentity>(tokens: readonly T[]): Promise<T[]>
  /** Takes one token back, and tells every process. `true`: it was good until now; of two at once, one hears `true`. */
  revoke(token: TokenIdentity): Promise<boolean>
}

/** A revoked token is remembered so much longer than it lives, for clocks that differ and sockets that outlive it. */
const GRACE_MS = 60 * 60 * 1000

/** Of the tokens that are asked about, by account, generation and id, the positions (from 1) of those that are good. */
const FIND_GOOD = {
  name: 'accounts-find-good',
  text: `
    SELECT asked.position::int
    FROM unnest($1::int[], $2::int[], $3::uuid[]) WITH ORDINALITY AS asked(account, generation, jti, position)
    JOIN "accounts"."account" a ON a.id = asked.account AND a.generation = asked.generation
    WHERE NOT EXISTS (SELECT 1 FROM "accounts"."revoked_token" r WHERE r.jti = asked.jti)`,
}

export function createRevocations({
  db,
  database,
  broker,
}: {
  db: PrismaClient
  database: Statements
  broker: Pick<Broker, 'publish'>
}): Revocations {
  /** Nothing is wrong with a revocation because this failed; the next one tries again. */
  async function forgetOld(): Promise<void> {
    try {
      await db.$executeRaw`
        DELETE FROM "accounts"."revoked_token" WHERE expires < to_timestamp(${Date.now() - GRACE_MS}::float8 / 1000)`
    } catch {}
  }

  const areGood = async (tokens: readonly TokenIdentity[]): Promise<boolean[]> => {
    const revoked = new Set(await revocations.findRevoked(tokens))
    return tokens.map((token) => !revoked.has(token))
  }

  const revocations: Revocations = {
    isGood: inRounds(areGood),

    async findRevoked(tokens) {
      if (tokens.length === 0) return []
      const rows = await database.query<{ position: number }>(FIND_GOOD, [
        tokens.map((token) => token.accountId),
        tokens.map((token) => token.generation),
        tokens.map((token) => token.jti),
      ])
      const good = new Set(rows.map((row) => row.position))
      return tokens.filter((_, index) => !good.has(index + 1))
    },

    async revoke({ accountId, jti, generation, expiresAt }) {
      const revoked = await db.$executeRaw`
        INSERT INTO "accounts"."revoked_token" (jti, expires)
        SELECT ${jti}::uuid, to_timestamp(${expiresAt}::float8 / 1000) FROM "accounts"."account" a
        WHERE a.id = ${accountId} AND a.generation = ${generation}
        ON CONFLICT DO NOTHING`
      if (revoked === 0) return false
      publishRevocation(broker, { account: accountId, jti })
      await forgetOld()
      return true
    },
  }
  return revocations
}
