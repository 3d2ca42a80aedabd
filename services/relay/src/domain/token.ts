import { TOKEN_LENGTH } from '@switchboard/protocol/relay'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'
/** The largest multiple of 36 below 256: bytes from there on would favour some characters. */
const FAIR = 252

/** @param random So many random bytes, fit for secrets. */
export function newToken(random: (bytes: number) => Uint8Array): string {
  let token = ''
  while (token.length < TOKEN_LENGTH)
    for (const byte of random(TOKEN_LENGTH))
      if (byte < FAIR && token.length < TOKEN_LENGTH) token += ALPHABET.charAt(byte % ALPHABET.length)
  return token
}

/** Whether it is worth looking up: what cannot be a token may hold what the store takes for no text. */
export const couldBeToken = (text: string): boolean => /^[a-z0-9]+$/.test(text)
