import type { NewPerson } from '../directory.ts'
import type { Subjects } from '../store/subjects.ts'
import { DirectoryAway } from './errors.ts'
import type { Groups } from './groups.ts'
import type { Layout } from './layout.ts'
import type { Pool } from './pool.ts'
import type { Reader } from './reader.ts'

export interface PutterParts {
  pool: Pick<Pool, 'run'>
  layout: Pick<Layout, 'personDn'>
  reader: Pick<Reader, 'groupsOf'>
  subjects: Pick<Subjects, 'forget'>
  groups: Pick<Groups, 'join' | 'leave'>
  changePassword: (dn: string, password: string) => Promise<void>
}

/** Puts somebody new into groups that are there. */
export type Put = (person: NewPerson, groups: readonly string[]) => Promise<void>

/**
 * Memberships first: they are nothing before there is a person, and the entry makes all of them count at once. Those that
 * somebody of that name left behind are taken away before.
 */
export function putter({ pool, layout, reader, subjects, groups, changePassword }: PutterParts): Put {
  async function takeBack(userid: string, names: readonly string[], made: boolean): Promise<void> {
    try {
      if (made) await pool.run((client) => client.del(layout.personDn(userid)))
      for (const name of names) await groups.leave(name, userid)
    } catch {
      // Memberships of nobody count for nothing, and whoever gets the name starts without them.
    }
  }

  return async ({ userid, firstName: cn, surname: sn, email, password }, names) => {
    const dn = layout.personDn(userid)
    const held = await reader.groupsOf(userid)
    for (const name of held.filter((one) => !names.includes(one))) await groups.leave(name, userid)
    const attributes = {
      objectClass: 'inetOrgPerson',
      uid: userid,
      cn,
      sn,
      ...(email ? { mail: email } : {}),
    }
    let made = false
    try {
      for (const name of names) await groups.join(name, userid)
      await subjects.forget(userid)
      await pool.run((client) => client.add(dn, attributes))
      made = true
      if (password !== undefined) await changePassword(dn, password)
    } catch (error) {
      // Whether an entry came of a request that was not answered nobody knows. If one did, it is as it should be.
      if (made || !(error instanceof DirectoryAway)) await takeBack(userid, names, made)
      throw error
    }
  }
}
