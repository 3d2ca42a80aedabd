import { findServer } from '@switchboard/testing/servers'
import { type LoadName, loadOf } from './loads.ts'
import type { Options } from './options.ts'
import { SUBJECTS, type SubjectName } from './subjects/subjects.ts'

export interface Able {
  loads: LoadName[]
  subjects: Set<SubjectName>
  /** Loads and subjects that cannot run here, and why. */
  leftOut: Map<string, string>
}

function missingFor(load: LoadName, embedded: boolean): string | undefined {
  if ((loadOf(load).variant?.processes ?? 1) === 1) return undefined
  if (embedded || findServer('postgres') === undefined) return 'two processes need a PostgreSQL'
  return findServer('redis-server') === undefined ? 'two processes need a redis-server' : undefined
}

/** What of the wanted can run here. */
export function lookAround({ loads, subjects, embedded }: Options): Able {
  const leftOut = new Map<string, string>()
  const can = <T extends string>(name: T, why: string | undefined): boolean => {
    if (why !== undefined) leftOut.set(name, why)
    return why === undefined
  }
  return {
    loads: loads.filter((name) => can(name, missingFor(name, embedded))),
    subjects: new Set(subjects.filter((name) => can(name, SUBJECTS[name].missing()))),
    leftOut,
  }
}
