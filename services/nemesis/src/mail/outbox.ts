import { randomUUID } from 'node:crypto'
import { nameKey } from '@switchboard/protocol/names'
import type { ClaimedMailRow, Mails, NewMailRow } from '../store/mails.ts'
import type { Seal } from './seal.ts'
import type { TemplateName, Templates } from './templates.ts'
import type { MailText } from './transport.ts'

/** Filled in when it is sent: only then it is known where people reach the service. */
interface MailContent {
  to: MailText['to']
  template: TemplateName
  fields: Readonly<Record<string, string>>
  /** Of the URL that the field `link` stands for. */
  path?: string
}

interface NewMail {
  /** A link's kind, or what else it tells. */
  kind: string
  /** Whom it is about. */
  userid: string
  content: MailContent
}

/** A mail that this process is to send now; nobody else does before the lease runs out. */
export interface ClaimedMail extends Omit<ClaimedMailRow, 'sealed'> {
  /** `undefined`: sealed with a secret that is gone, or made from a template that is. */
  text: MailText | undefined
}

/**
 * Mails that wait in the database until some process has sent them, encrypted, because they hold codes. Every call rejects
 * where the database does not answer.
 */
export interface Outbox extends Pick<Mails, 'retry' | 'giveUp' | 'waiting'> {
  put(mail: NewMail): Promise<void>
  /** Its row, encrypted, for whoever stores it together with something else and then {@link announce}s it. */
  seal(mail: NewMail): NewMailRow
  /** Tells the listeners that something was queued. */
  announce(): void
  /** Those that are due, oldest first, `count` at most, for so long. */
  claim(count: number, leaseMs: number): Promise<ClaimedMail[]>
  sent(id: string): Promise<void>
  /** Calls back whenever something was queued in this process; answers how to end that. */
  onQueued(listener: () => void): () => void
}

export interface OutboxParts {
  mails: Mails
  seal: Seal
  templates: Templates
  /** Where people reach the service, without a slash at its end. */
  origin(): string
}

export function createOutbox({ mails, seal, templates, origin }: OutboxParts): Outbox {
  const listeners = new Set<() => void>()
  const rowOf = ({ kind, userid, content }: NewMail): NewMailRow => {
    const id = randomUUID()
    return { id, kind, useridKey: nameKey(userid), sealed: seal.close(JSON.stringify(content), id) }
  }
  function textOf({ id, sealed }: ClaimedMailRow): MailText | undefined {
    const opened = seal.open(sealed, id)
    if (opened === undefined) return undefined
    try {
      // Nobody else can have sealed it; an earlier version can.
      const { to, template, fields, path } = JSON.parse(opened) as MailContent
      const values = path === undefined ? fields : { ...fields, link: `${origin()}${path}` }
      return { to, ...templates.render(template, values) }
    } catch {
      return undefined
    }
  }
  const announce = () => {
    for (const listener of listeners) listener()
  }
  return {
    seal: rowOf,
    announce,
    async put(mail) {
      await mails.add(rowOf(mail))
      announce()
    },
    async claim(count, leaseMs) {
      const rows = await mails.claim(count, leaseMs)
      return rows.map((row) => {
        const { sealed: _sealed, ...mail } = row
        return { ...mail, text: textOf(row) }
      })
    },
    sent: (id) => mails.remove(id),
    retry: (mail, afterMs, problem) => mails.retry(mail, afterMs, problem),
    giveUp: (mail, problem) => mails.giveUp(mail, problem),
    waiting: () => mails.waiting(),
    onQueued(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
