import { readFileSync } from 'node:fs'
import { parseLdif } from './domain/ldif.ts'
import { type Roster, rosterOf } from './domain/roster.ts'

export interface DemoPerson {
  userid: string
  password: string
}

/** The people of `demo/people.ldif`. */
export function demoRoster(): Roster {
  const entries = parseLdif(readFileSync(new URL('../demo/people.ldif', import.meta.url), 'utf8'))
  const roster = entries.ok ? rosterOf(entries.value) : entries
  if (!roster.ok) throw new Error(`demo/people.ldif: ${roster.error}`)
  return roster.value
}

/** Whom one can log in as to try the API, on a start whose configuration says `demo`. */
export const demoPeople = (): DemoPerson[] =>
  demoRoster().people.map(({ userid, password = '' }) => ({ userid, password }))
