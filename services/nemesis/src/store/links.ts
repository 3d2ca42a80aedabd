import type { Alongside } from '@switchboard/auth/accounts'
import type { PrismaClient } from '../generated/client.ts'
import type { NewMailRow } from './mails.ts'

interface LinkKey {
  kind: string
  useridKey: string
}

export interface LinkRow extends LinkKey {
  userid: string
  email: string
  codeHash: Uint8Array<ArrayBuffer>
  expires: Date
}

/** The table of links. */
export interface LinkStore {
  /**
   * All or nothing, `alongside` too. The person's earlier link of this kind is gone, and so is its mail if that still waits.
   */
  put(link: LinkRow, mails: readonly NewMailRow[], alongside?: Alongside): Promise<void>
  get(key: LinkKey): Promise<LinkRow | undefined>
  /** Takes the link for one who uses it. `false`: somebody else has it now, or it is another one, or gone. */
  claim(link: LinkRow, lease: { claim: string; now: Date; until: Date }): Promise<boolean>
  release(claim: string): Promise<void>
  useUp(claim: string): Promise<void>
  /** The mails that still wait with them. */
  remove(useridKey: string, kinds: readonly string[]): Promise<void>
  forget(expiredBefore: Date): Promise<void>
}

export const linkStore = (db: PrismaClient): LinkStore => ({
  async put(link, mails, alongside) {
    const { kind, useridKey } = link
    await db.$transaction([
      ...(alongside ? [db.$executeRawUnsafe(alongside.text, ...alongside.parameters)] : []),
      db.link.upsert({
        where: { kind_useridKey: { kind, useridKey } },
        create: link,
        update: { ...link, claim: null, leasedUntil: null },
      }),
      db.mail.deleteMany({ where: { kind, useridKey, due: { not: null } } }),
      db.mail.createMany({ data: [...mails] }),
    ])
  },

  async get({ kind, useridKey }) {
    const row = await db.link.findUnique({ where: { kind_useridKey: { kind, useridKey } } })
    return row ?? undefined
  },

  async claim({ kind, useridKey, codeHash }, { claim, now, until }) {
    const free = [{ leasedUntil: null }, { leasedUntil: { lt: now } }]
    const { count } = await db.link.updateMany({
      where: { kind, useridKey, codeHash, OR: free },
      data: { claim, leasedUntil: until },
    })
    return count === 1
  },

  async release(claim) {
    await db.link.updateMany({ where: { claim }, data: { claim: null, leasedUntil: null } })
  },

  async useUp(claim) {
    await db.link.deleteMany({ where: { claim } })
  },

  async remove(useridKey, kinds) {
    const where = { useridKey, kind: { in: [...kinds] } }
    await db.$transaction([
      db.link.deleteMany({ where }),
      db.mail.deleteMany({ where: { ...where, due: { not: null } } }),
    ])
  },

  async forget(expiredBefore) {
    await db.link.deleteMany({ where: { expires: { lt: expiredBefore } } })
  },
})
