import type { Revocation } from './broker.ts'
import { inRounds } from './rounds.ts'
import type { Statements } from './statements.ts'

/** What says of a token whether it was taken back. */
export interface TokenIdentity {
  /** Whom it speaks for: an account, or for the audience `nemesis-ldap` a subject of nemesis' own. */
  accountId: number
  jti: string
  generation: number
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** Tokens that were taken back before they ran out. Every call rejects where the database does not answer. */
export interface Revocations {
  /** Whom it speaks for is there, and neither this token nor all of its generation were taken back. */
  isGood(token: TokenIdentity): Promise<boolean>
  /** Those of many that are not good, in one look-up. */
  findRevoked<T extends TokenIdentity>(tokens: readonly T[]): Promise<T[]>
  /** Takes one token back. `true`: it was good until now; of two at once, one hears `true`. */
  revoke(token: TokenIdentity): Promise<boolean>
}

/** A revoked token is remembered so much longer than it lives, for clocks that differ and sockets that outlive it. */
const GRACE_MS = 60 * 60 * 1000

/** Where it is kept whom tokens speak for, and which were taken back; both are tables of the Postgres schema. */
export interface TokenTables {
  /** Names the prepared statements too. */
  schema: string
  /** Has `id` and `generation`. */
  holders: string
}

const statementsOf = ({ schema, holders }: TokenTables) => ({
  /** Of the tokens that are asked about, by holder, generation and id, the positions (from 1) of those that are good. */
  findGood: {
    name: `${schema}-find-good`,
    text: `
      SELECT asked.position::int
      FROM unnest($1::int[], $2::int[], $3::uuid[]) WITH ORDINALITY AS asked(holder, generation, jti, position)
      JOIN "${schema}"."${holders}" h ON h.id = asked.holder AND h.generation = asked.generation
      WHERE NOT EXISTS (SELECT 1 FROM "${schema}"."revoked_token" r WHERE r.jti = asked.jti)`,
  },
  /** Answers a row where the token was good until now. */
  revoke: {
    name: `${schema}-revoke`,
    text: `
      INSERT INTO "${schema}"."revoked_token" (jti, expires)
      SELECT $1::uuid, to_timestamp($2::float8 / 1000) FROM "${schema}"."${holders}" h
      WHERE h.id = $3::int AND h.generation = $4::int
      ON CONFLICT DO NOTHING
      RETURNING jti`,
  },
  forgetOld: {
    name: `${schema}-forget-revoked`,
    text: `DELETE FROM "${schema}"."revoked_token" WHERE expires < to_timestamp($1::float8 / 1000)`,
  },
})

/** `tell` hears of every token that is taken back. */
export function createRevocations({
  database,
  tables,
  tell,
}: {
  database: Statements
  tables: TokenTables
  tell: (revocation: Revocation) => void
}): Revocations {
  const { findGood, revoke, forgetOld } = statementsOf(tables)

  /** Nothing is wrong with a revocation because this failed; the next one tries again. */
  async function forget(): Promise<void> {
    try {
      await database.query(forgetOld, [Date.now() - GRACE_MS])
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
      const rows = await database.query<{ position: number }>(findGood, [
        tokens.map((token) => token.accountId),
        tokens.map((token) => token.generation),
        tokens.map((token) => token.jti),
      ])
      const good = new Set(rows.map((row) => row.position))
      return tokens.filter((_, index) => !good.has(index + 1))
    },

    async revoke({ accountId, jti, generation, expiresAt }) {
      const rows = await database.query(revoke, [jti, expiresAt, accountId, generation])
      if (rows.length === 0) return false
      tell({ account: accountId, jti })
      await forget()
      return true
    },
  }
  return revocations
}
