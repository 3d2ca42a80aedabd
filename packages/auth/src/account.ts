import type { Account as Row } from './generated/client.ts'

export type { Row }

/** The row with this key, as Prisma's client would bring it. */
export const FIND_BY_KEY = {
  name: 'accounts-find-by-key',
  text: `
    SELECT id, username, username_key AS "usernameKey", email, email_key AS "emailKey",
           password_hash AS "passwordHash", generation, created
    FROM "accounts"."account" WHERE username_key = $1`,
}

/** No pattern: a name may hold what `LIKE` takes for a wildcard. */
export const NAMES_FROM = {
  name: 'accounts-names-from',
  text: 'SELECT username FROM "accounts"."account" WHERE starts_with(username_key, $1)',
}

/** A person. Never holds the password's hash. */
export interface Account {
  id: number
  /** As it was written, NFC. */
  username: string
  /** As it is compared: `nameKey` of it. */
  key: string
  email?: string
  /** Milliseconds since the epoch. */
  createdAt: number
  /** For tokens: those issued in an earlier generation are revoked. */
  generation: number
}

export function accountOf({ id, username, usernameKey, email, created, generation }: Row): Account {
  const account: Account = { id, username, key: usernameKey, createdAt: created.getTime(), generation }
  if (email !== null) account.email = email
  return account
}
