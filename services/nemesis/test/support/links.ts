import { createLinks, type NewLink } from '../../src/mail/links.ts'
import type { NewMail } from '../../src/mail/outbox.ts'
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
  const sealed: NewMail[] = []
  const links = createLinks({
    store: linkStore(db),
    outbox: {
      seal(mail) {
        sealed.push(mail)
        return storage.outbox.seal(mail)
      },
      announce: () => {},
    },
  })
  return {
    async make({ kind, userid, email = `${userid}@example.org`, firstName = 'Test', ...rest }) {
      sealed.length = 0
      await links.send({ kind, userid, email, firstName, ...rest })
      const path = sealed[0]?.content.path
      if (path === undefined) throw new Error('a mail without a link')
      return path
    },
    wrong: (path) => path.replace(/[^/]+$/, 'x'.repeat(43)),
    [Symbol.asyncDispose]: () => db.$disconnect(),
  }
}
