import type { NemesisConfig } from './config.ts'
import type { PrismaClient } from './generated/client.ts'
import { createLinks, type Links } from './mail/links.ts'
import { createOutbox, type Outbox } from './mail/outbox.ts'
import { createSeal } from './mail/seal.ts'
import { openTemplates } from './mail/templates.ts'
import { linkStore } from './store/links.ts'
import { mails } from './store/mails.ts'

/** Links, and the mails that bring them. Somebody else sends those: see `mail/run.ts`. */
export function openMail({
  db,
  config,
}: {
  db: PrismaClient
  config: Pick<NemesisConfig, 'jwtSecrets' | 'mail' | 'port'>
}): { outbox: Outbox; links: Links } {
  const outbox = createOutbox({
    mails: mails(db),
    seal: createSeal(config.jwtSecrets),
    templates: openTemplates(),
    // Asked late: a service that listens on any free port knows where when it does.
    origin: () => config.mail.publicUrl ?? `http://127.0.0.1:${config.port}`,
  })
  return { outbox, links: createLinks({ store: linkStore(db), outbox }) }
}
