import { createReadStream } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { err, ok, type Result } from '@switchboard/protocol/result'
import { readCsv } from '../csv/read.ts'
import { parseLdif } from '../domain/ldif.ts'
import { peopleOfCsv } from '../domain/people-csv.ts'
import type { College } from '../domain/rights.ts'
import { type CheckedPerson, checkPeople, rosterOf } from '../domain/roster.ts'
import { CommandError } from './command.ts'

/** Most bytes of a file with people. */
const PEOPLE_BYTES = 64 * 1024 * 1024

/** Whom a file holds, and the places that it makes for them. */
export interface PeopleFile {
  people: CheckedPerson[]
  colleges: College[]
  teams: string[]
}

/** Never more than the limit, also of what has no size, such as a pipe or `/dev/zero`. */
async function readBytes(path: string): Promise<Buffer> {
  let bytes: Buffer
  try {
    bytes = await buffer(createReadStream(path, { end: PEOPLE_BYTES }))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (typeof code !== 'string') throw error
    throw new CommandError(`the file cannot be read (${code})`)
  }
  if (bytes.length > PEOPLE_BYTES) throw new CommandError(`the file has over ${PEOPLE_BYTES} bytes`)
  return bytes
}

function peopleOfLdif(bytes: Buffer): Result<PeopleFile> {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return err('the file is no UTF-8')
  }
  const entries = parseLdif(text)
  const roster = entries.ok ? rosterOf(entries.value) : entries
  return roster.ok ? ok({ ...roster.value, people: checkPeople(roster.value.people) }) : roster
}

function peopleOf(path: string, bytes: Buffer): Result<PeopleFile> {
  if (path.toLowerCase().endsWith('.ldif')) return peopleOfLdif(bytes)
  const people = peopleOfCsv(readCsv(bytes))
  return people.ok ? ok({ people: people.value, colleges: [], teams: [] }) : people
}

/**
 * By the file's ending: `.ldif` or `.csv`.
 * @throws CommandError where it is neither, cannot be read or makes no sense as a whole
 */
export async function readPeople(path: string): Promise<PeopleFile> {
  if (!/\.(?:ldif|csv)$/i.test(path)) throw new CommandError('the file is a .ldif or a .csv')
  const people = peopleOf(path, await readBytes(path))
  if (!people.ok) throw new CommandError(people.error)
  return people.value
}
