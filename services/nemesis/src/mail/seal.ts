import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** Encrypts what rests in the database, so that neither a dump nor a backup holds a code that is still good. */
export interface Seal {
  /** @param bound what it belongs to: it opens with the same only */
  close(text: string, bound: string): Buffer<ArrayBuffer>
  /** `undefined`: closed with a secret that is gone, bound to something else, or changed. */
  open(sealed: Uint8Array, bound: string): string | undefined
}

const CIPHER = 'aes-256-gcm'
/** NIST SP 800-38D §5.2.1.1 */
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** A key of its own from each secret (RFC 5869), so that what is learnt of the one says nothing of the other. */
const keyOf = (secret: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, '', 'switchboard nemesis mail', 32))

function openWith(key: Uint8Array, sealed: Uint8Array, bound: string): string | undefined {
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(Buffer.from(bound)).setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    const text = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES))
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

/** @param secrets the first closes, all open */
export function createSeal(secrets: readonly string[]): Seal {
  const keys = secrets.map(keyOf)
  return {
    close(text, bound) {
      const [key] = keys
      if (!key) throw new Error('there is no secret to encrypt mails with')
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(Buffer.from(bound))
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
    open(sealed, bound) {
      if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined
      for (const key of keys) {
        const text = openWith(key, sealed, bound)
        if (text !== undefined) return text
      }
      return undefined
    },
  }
}
