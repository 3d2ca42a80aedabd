import { createLinks, type NewLink } from '../../src/mail/links.ts'
import type { Outbox } from '../../src/mail/outbox.ts'
import { openStore } from '../../src/store/client.ts'
import { linkStore } from '../../src/store/links.ts'
import type { House } from './house.ts'

export interface LinkMaker extends AsyncDisposable {
  /** Sends a link, and answers its path; nobody has to wait for the mail. */
  make(link: Pick<NewLink, 'kind' | 'userid'> & Partial<NewLink>): Promise<string>
  /** The same link with another code. */
  wrong(path: string): string
}

export function linkMaker({ database, storage }: House): LinkMaker {
  const db = openStore(database.adapter('nemesis'))
  const store = linkStore(db)
  return {
    async make({ kind, userid, email = `${userid}@example.org`, firstName = 'Test', ...rest }) {
      let path: string | undefined
      const seal: Outbox['seal'] = (mail) => {
        path ??= mail.content.path
        return storage.outbox.seal(mail)
      }
      const links = createLinks({ store, outbox: { seal, announce: () => {} } })
      await links.send({ kind, userid, email, firstName, ...rest })
      if (path === undefined) throw new Error('a mail without a link')
      return path
    },
    wrong: (path) => path.replace(/[^/]+$/, 'x'.repeat(43)),
    [Symbol.asyncDispose]: () => db.$disconnect(),
  }
}
