import { err, ok, type Result } from './result.ts'

/** A name as it was written (`name`, NFC) and as it is compared (`key`, NFKC and lower case). */
export interface Name {
  name: string
  key: string
}

/** Most characters (Unicode code points) a username may have. */
export const USERNAME_MAX = 64

/** Control, format (bidi, zero-width), surrogate, private-use-free: what no name may hold. Lone surrogates are `Cs`. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u
const RESERVED = /[@,/\\]/

/** Most usernames: they break no part of the rule, and no Unicode normalization changes them. */
const PLAIN = /^[\w.-]{1,64}$/

/** How names are compared, so that `Ａlice`, `ALICE` and `alice` are one person. */
export const nameKey = (name: string): string => name.normalize('NFKC').toLowerCase()

/** The username rule, the same in every service. The error says which part of it was broken. */
export function parseUsername(raw: string): Result<Name> {
  if (PLAIN.test(raw)) return ok({ name: raw, key: raw.toLowerCase() })
  if (INVISIBLE.test(raw)) return err('a username holds no control, format or surrogate characters')
  const name = raw.normalize('NFC')
  const length = [...name].length
  if (length === 0) return err('a username has at least one character')
  if (length > USERNAME_MAX) return err(`a username has ${USERNAME_MAX} characters at most`)
  if (name.trim() !== name) return err('a username has no space at either end')
  if (RESERVED.test(name)) return err('a username holds none of @ , / \\')
  return ok({ name, key: nameKey(name) })
}

/** RFC 5321: 64 octets before the `@`, 254 in all. */
const EMAIL_MAX = 254
const EMAIL =
  /^[^\s@\p{Cc}\p{Cf}\p{Cs}<>()[\]\\,;:"]{1,64}@[^\s@\p{Cc}\p{Cf}\p{Cs}<>()[\]\\,;:"]+\.[^\s@\p{Cc}\p{Cf}\p{Cs}<>()[\]\\,;:".]+$/u

/** An address that mail could be sent to: one `@`, a dotted domain, nothing that a mail header would read as its own. */
export function parseEmail(raw: string): Result<Name> {
  const name = raw.trim().normalize('NFC')
  if (name.length > EMAIL_MAX || !EMAIL.test(name) || name.includes('..')) return err('not an e-mail address')
  return ok({ name, key: nameKey(name) })
}

/** Most bytes (UTF-8) a password may have; fewest is 1. */
export const PASSWORD_MAX_BYTES = 1024

export function parsePassword(raw: string): Result<string> {
  const bytes = new TextEncoder().encode(raw).length
  if (bytes === 0) return err('a password has at least one byte')
  if (bytes > PASSWORD_MAX_BYTES) return err(`a password has ${PASSWORD_MAX_BYTES} bytes at most`)
  return ok(raw)
}
