import { type Check, isCount, isText, listOf, objectOf, optional, recordOf } from './check.ts'

/** Most names that are asked about, or watched, at once. */
export const NAMES_MAX = 100

export interface Whereabouts {
  /** `ide`, `chat` or `channels`. */
  service: string
  /** The room, space or channel. Absent: connected and nowhere, or in a space that the asker may not enter. */
  place?: string | undefined
  /** The earliest of the account's connections there, milliseconds since the epoch. */
  since: number
}

export interface Users {
  /** By name, spelled as it was asked. An empty list: connected nowhere, or nobody's name. */
  users: Record<string, Whereabouts[]>
}

const isWhereabouts = objectOf<Whereabouts>({ service: isText, place: optional(isText), since: isCount })

export const isUsers: Check<Users> = objectOf<Users>({ users: recordOf(listOf(isWhereabouts)) })

export interface Process {
  /** The same one for services that run in one process; another one after each start. */
  id: string
  /** Since when it is there, milliseconds since the epoch. */
  since: number
  /** What it needs and does not reach, by name; empty: it is ready. */
  missing: string[]
  /** How many clients are connected to it; absent where a service keeps no connections. */
  connections?: number | undefined
}

export interface Processes {
  /** By the name of the service, each service once. An empty list: none of it runs. */
  services: Record<string, Process[]>
}

const isProcess = objectOf<Process>({
  id: isText,
  since: isCount,
  missing: listOf(isText),
  connections: optional(isCount),
})

export const isProcesses: Check<Processes> = objectOf<Processes>({ services: recordOf(listOf(isProcess)) })

export const encodeUp = (names: readonly string[]): string => JSON.stringify({ watch: names })
