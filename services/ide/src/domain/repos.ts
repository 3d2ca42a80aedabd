import type { Repo } from '@switchboard/protocol/ide'
import { err, ok, type Result } from '@switchboard/protocol/result'

/** A repo as it is kept: people by account id. */
export interface RepoRow {
  id: string
  name: string
  url: string | null
  ownerId: number
  /** Without the owner, in the order they were added. */
  memberIds: number[]
  created: Date
}

const SCHEMES = new Set(['http:', 'https:', 'ssh:', 'git:'])
/** What git calls the scp-like syntax. */
const SCP_LIKE = /^[\w.-]+@[\w.-]+:[^\s]+$/
const UNPRINTABLE = /[\s\p{Cc}\p{Cs}]/u

/** A URL that a git client could clone, as it was written. `undefined` and `null`: the repo has none. */
export function parseRepoUrl(raw: string | null | undefined): Result<string | null> {
  if (raw === null || raw === undefined) return ok(null)
  const isUrl = URL.canParse(raw) && SCHEMES.has(new URL(raw).protocol)
  if (UNPRINTABLE.test(raw) || !(isUrl || SCP_LIKE.test(raw))) {
    return err('url: must be an http, https, ssh or git URL, or user@host:path')
  }
  return ok(raw)
}

/** @param people by account id; whoever is not in it is nobody any more */
export function toWire(row: RepoRow, people: ReadonlyMap<number, { username: string }>): Repo {
  const person = (id: number) => {
    const username = people.get(id)?.username ?? ''
    return { id: username, username }
  }
  return {
    id: row.id,
    name: row.name,
    url: row.url,
    owner: person(row.ownerId),
    members: row.memberIds.filter((id) => people.has(id)).map(person),
    created: row.created.getTime(),
  }
}

export const isIn = (row: RepoRow, accountId: number): boolean =>
  row.ownerId === accountId || row.memberIds.includes(accountId)

/** The owner takes out anyone, a member himself. */
export const mayRemove = (row: RepoRow, callerId: number, memberId: number | undefined): boolean =>
  callerId === row.ownerId || callerId === memberId
