import { createHash, randomBytes } from 'node:crypto'
import { passwords } from '@switchboard/auth/passwords'
import type { PasswordHash } from './config.ts'

/** Bytes. */
const SALT = 16

/** SHA-512 of password and salt, with the salt after it: what OpenLDAP's pw-sha2 reads. */
function ssha512(password: string): string {
  const salt = randomBytes(SALT)
  const digest = createHash('sha512').update(password, 'utf8').update(salt).digest()
  return `{SSHA512}${Buffer.concat([digest, salt]).toString('base64')}`
}

/** A value for `userPassword` (RFC 2307 §5.3). `argon2` is what OpenLDAP's module of that name reads. */
export const hashPassword = async (password: string, kind: PasswordHash): Promise<string> =>
  kind === 'argon2' ? `{ARGON2}${await passwords.hash(password)}` : ssha512(password)
