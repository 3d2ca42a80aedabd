import { ok } from '@switchboard/protocol/result'
import type { College } from '../domain/rights.ts'
import type { Storage } from '../storage.ts'
import { audited } from './done.ts'

/** Makes those that there are not. Answers their names. */
export async function addColleges(storage: Storage, colleges: readonly College[]): Promise<string[]> {
  const there = new Set((await storage.directory.colleges()).map(({ name }) => name))
  const missing = colleges.filter(({ name }) => !there.has(name))
  for (const college of missing) {
    const add = async () => ok(await storage.directory.addColleges([college]))
    await audited(storage, { action: 'college-added', target: college.name }, add)
  }
  return missing.map(({ name }) => name)
}

/** Makes those that there are not. Answers their names. */
export async function addTeams(storage: Storage, names: readonly string[]): Promise<string[]> {
  const missing: string[] = []
  for (const name of names) {
    if (await storage.directory.hasTeam(name)) continue
    const add = async () => ok(await storage.directory.addTeams([name]))
    await audited(storage, { action: 'team-added', target: name }, add)
    missing.push(name)
  }
  return missing
}
