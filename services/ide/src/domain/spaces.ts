import type { AccountInfo } from '@switchboard/protocol/between'
import type { Name } from '@switchboard/protocol/names'

/** Whoever is in a space, with one connection; a person may be there with several. */
export interface Present {
  /** The person's key. */
  person: string
  /** The person's username. */
  info?: unknown
}

/** The usernames of everyone but `me`, once each, in the order they came. */
export function others(present: readonly Present[], me: Name): string[] {
  const names = new Map(present.map(({ person, info }) => [person, typeof info === 'string' ? info : person]))
  names.delete(me.key)
  return [...names.values()]
}

/** How a person stands to the repo whose id a space has. `none`: no repo has it or ever had. */
export type Standing = 'none' | 'owner' | 'member' | 'stranger' | 'deleted'

export const isOpenTo = (standing: Standing): boolean => standing !== 'stranger' && standing !== 'deleted'

const REPO_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Could be a repo's id: a UUID as the service writes them. Any other space is open to everyone. */
export const isRepoId = (space: string): boolean => REPO_ID.test(space)

/**
 * What other services may know of a connection.
 * @param spaces when it entered each, milliseconds since the epoch
 */
export function accountInfo(spaces: ReadonlyMap<string, number>): AccountInfo {
  const places = [...spaces].map(([name, since]) =>
    isRepoId(name) ? { name, since, restricted: true as const } : { name, since },
  )
  return { service: 'ide', places }
}
