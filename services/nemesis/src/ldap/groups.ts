import { Attribute, Change } from 'ldapts'
import type { Role } from '../domain/rights.ts'
import { isRefusal, RESULT } from './errors.ts'
import { type Layout, ROLE_GROUPS } from './layout.ts'
import type { Pool } from './pool.ts'
import type { Reader } from './reader.ts'

interface NewGroup {
  name: string
  description?: string
}

/** What is as it should be already is left alone. */
export interface Groups {
  /** Makes those that are missing. Not to be done twice at once: each gets the next number. */
  make(groups: readonly NewGroup[]): Promise<void>
  join(name: string, userid: string): Promise<void>
  leave(name: string, userid: string): Promise<void>
}

/** Numbers of groups start above this one. */
const GID_BELOW = 3000

export const groupOfRole = (role: Role): string => ROLE_GROUPS[role]

export function groups(pool: Pick<Pool, 'run'>, layout: Layout, reader: Reader): Groups {
  async function add({ name, description }: NewGroup, gidNumber: number): Promise<void> {
    const attributes: Record<string, string> = {
      objectClass: 'posixGroup',
      cn: name,
      gidNumber: String(gidNumber),
    }
    if (description) attributes['description'] = description
    try {
      await pool.run((client) => client.add(layout.groupDn(name), attributes))
    } catch (error) {
      if (!isRefusal(error, RESULT.entryAlreadyExists)) throw error
    }
  }

  async function change(
    operation: 'add' | 'delete',
    { name, userid, done }: { name: string; userid: string; done: number },
  ): Promise<void> {
    const modification = new Attribute({ type: 'memberUid', values: [userid] })
    try {
      await pool.run((client) => client.modify(layout.groupDn(name), new Change({ operation, modification })))
    } catch (error) {
      if (!isRefusal(error, done)) throw error
    }
  }

  return {
    async make(wanted) {
      const there = new Set(await reader.groupsNamed(wanted.map(({ name }) => name)))
      const missing = wanted.filter(({ name }) => !there.has(name))
      if (missing.length === 0) return
      let gidNumber = Math.max(GID_BELOW, ...(await reader.gidNumbers()).filter(Number.isSafeInteger))
      for (const group of missing) await add(group, ++gidNumber)
    },
    join: (name, userid) => change('add', { name, userid, done: RESULT.attributeOrValueExists }),
    leave: (name, userid) => change('delete', { name, userid, done: RESULT.noSuchAttribute }),
  }
}
