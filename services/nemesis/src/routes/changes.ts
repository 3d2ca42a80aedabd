import { HttpError, tooMany } from '@switchboard/kit/http-error'
import { nameKey } from '@switchboard/protocol/names'
import type { Change } from '@switchboard/protocol/nemesis'
import { type Audit, type AuditRecord, recorded } from '../audit.ts'
import type { Directory, Person } from '../directory.ts'
import type { Links } from '../mail/links.ts'
import type { MailLimits } from './mail-limits.ts'
import { orBad } from './parameters.ts'

export interface ChangeParts {
  directory: Pick<Directory, 'personByEmail' | 'setEmail' | 'setPassword'>
  audit: Pick<Audit, 'record'>
  links: Pick<Links, 'send' | 'takeBack'>
  mailLimits: MailLimits
}

/** Who changes somebody, and from where. */
type By = Pick<AuditRecord, 'actor' | 'address'>

/** Changes of a person's address and password. Each throws an HttpError 400 for what the directory does not take. */
export interface Changes {
  /** Both at once. */
  make(person: Person, change: Change, by: By): Promise<void>
  /** The password at once; a new address once its link is followed. Answers whether a link was sent. */
  askFor(person: Person, change: Change, by: By): Promise<boolean>
}

export function createChanges({ directory, audit, links, mailLimits }: ChangeParts): Changes {
  async function setPassword({ userid }: Person, password: string, by: By): Promise<void> {
    const entry = { ...by, action: 'password-changed', target: userid } as const
    orBad(await recorded(audit, entry, () => directory.setPassword(userid, password)))
    await links.takeBack(userid, ['activate', 'reset'])
  }

  async function setEmail({ userid }: Person, email: string, by: By): Promise<void> {
    const entry = { ...by, action: 'email-changed', target: userid } as const
    orBad(await recorded(audit, entry, () => directory.setEmail(userid, email)))
    // Whoever reads the mail of the address before has no say any more.
    await links.takeBack(userid, ['activate', 'reset', 'verify'])
  }

  /** @throws HttpError where the address is somebody else's, or too many links were asked for */
  async function checkMayAsk(person: Person, email: string, address: string): Promise<void> {
    const owner = await directory.personByEmail(email)
    if (owner && nameKey(owner.userid) !== nameKey(person.userid)) {
      throw new HttpError('BAD_BINDING', 'email: somebody has that e-mail address already')
    }
    const seconds = (await mailLimits.fromAddress(address)) || (await mailLimits.toPerson(person.userid))
    if (seconds > 0) throw tooMany(seconds)
  }

  return {
    async make(person, { email, password }, by) {
      // The one that may be refused comes first, so that a 400 changes nothing.
      if (email !== undefined) await setEmail(person, email, by)
      if (password !== undefined) await setPassword(person, password, by)
    },

    async askFor(person, { email, password }, by) {
      const { userid, firstName, email: before } = person
      const isNew = email !== undefined && nameKey(email) !== nameKey(before ?? '')
      if (isNew) await checkMayAsk(person, email, by.address)
      if (password !== undefined) await setPassword(person, password, by)
      if (!isNew) return false
      await audit.record({ ...by, action: 'email-change-asked', target: userid })
      await links.send({ kind: 'verify', userid, email, firstName, noticeTo: before })
      return true
    },
  }
}
