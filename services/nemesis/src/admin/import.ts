import { extname } from 'node:path'
import { isUnavailable } from '@switchboard/kit/database'
import { COMMAND_LINE } from '../audit.ts'
import type { RosterPerson } from '../domain/roster.ts'
import type { Storage } from '../storage.ts'
import { addColleges, addTeams } from './add-places.ts'
import { type Command, CommandError, FLAG, isSet, operand, type Terminal } from './command.ts'
import { type ImportOptions, importPerson, type Outcome } from './import-person.ts'
import { type PeopleFile, readPeople } from './read-people.ts'

interface Options extends ImportOptions {
  /** Mails a link that sets a password to those whom the import adds without one. */
  invite: boolean
}

interface Counts extends Record<Outcome | 'refused' | 'invited', number> {}

const WOULD: Readonly<Record<Outcome, string>> = {
  added: 'would be added',
  enrolled: 'would be given roles or colleges',
  same: 'is there already',
}

/** Tells of those whom the file itself makes impossible. */
function possible(file: PeopleFile, { warn }: Terminal): RosterPerson[] {
  return file.people.flatMap(({ line, person }) => {
    if (person.ok) return [person.value]
    warn(`line ${line}: ${person.error}`)
    return []
  })
}

/** Colleges and teams that people have, and nobody makes. */
async function checkPlaces({ directory }: Storage, file: PeopleFile, people: readonly RosterPerson[]) {
  const colleges = new Set([...(await directory.colleges()), ...file.colleges].map(({ name }) => name))
  const lost = new Set(people.flatMap((one) => one.colleges).filter((name) => !colleges.has(name)))
  const made = new Set(file.teams)
  for (const name of new Set(people.flatMap((one) => one.teams)))
    if (!made.has(name) && !(await directory.hasTeam(name))) lost.add(name)
  if (lost.size === 0) return
  throw new CommandError(
    `nothing was imported: there is no ${[...lost].slice(0, 10).join(', ')}; make it first`,
  )
}

async function invite(
  storage: Storage,
  { userid, firstName, email, password }: RosterPerson,
): Promise<boolean> {
  if (password !== undefined || email === undefined) return false
  await storage.links.send({ kind: 'activate', userid, email, firstName })
  return true
}

/** Tells what became of one person. */
function tell(person: RosterPerson, outcome: Outcome, { dryRun }: Options, terminal: Terminal): void {
  const { line, userid, hashed } = person
  if (dryRun) terminal.say(`line ${line}: ${userid} ${WOULD[outcome]}`)
  if (outcome === 'added' && hashed)
    terminal.warn(`line ${line}: ${userid} has a hash of a password only, and gets no password`)
}

async function importAll(
  storage: Storage,
  people: readonly RosterPerson[],
  { options, terminal }: { options: Options; terminal: Terminal },
): Promise<Counts> {
  const counts: Counts = { added: 0, enrolled: 0, same: 0, refused: 0, invited: 0 }
  for (const [index, person] of people.entries()) {
    terminal.progress(index, people.length)
    const done = await importPerson(storage, person, options)
    if (done.ok) {
      counts[done.value]++
      tell(person, done.value, options, terminal)
      const isInvited = options.invite && !options.dryRun && done.value === 'added'
      if (isInvited && (await invite(storage, person))) counts.invited++
    } else {
      counts.refused++
      terminal.warn(`line ${person.line}: ${done.error}`)
    }
  }
  return counts
}

function summary({ added, enrolled, same, invited }: Counts, { dryRun }: Options): string {
  const counts = `${added} added, ${enrolled} given roles or colleges, ${same} there already`
  if (dryRun) return `dry run: ${counts}`
  return invited > 0 ? `${counts}, ${invited} invited by mail` : counts
}

async function run(
  storage: Storage,
  file: PeopleFile,
  parts: { options: Options; terminal: Terminal; kind: string },
) {
  const { options, terminal, kind } = parts
  const people = possible(file, terminal)
  const bad = file.people.length - people.length
  if (bad > 0 && !options.dryRun)
    throw new CommandError(`nothing was imported: ${bad} of ${file.people.length} people are impossible`)
  await checkPlaces(storage, file, people)
  if (!options.dryRun) {
    const details = { people: people.length, kind }
    await storage.audit.record({ actor: undefined, action: 'import', address: COMMAND_LINE, details })
    await addColleges(storage, file.colleges)
    await addTeams(storage, file.teams)
  }
  const counts = await importAll(storage, people, parts)
  terminal.say(summary(counts, options))
  const left = counts.refused + bad
  if (left > 0)
    throw new CommandError(
      `${left} of ${file.people.length} people ${options.dryRun ? 'would be' : 'were'} left out`,
    )
}

export const importPeople: Command = {
  usage: '<file.ldif | file.csv> [--dry-run] [--adopt] [--invite]',
  about: [
    'Puts the people of a file into the directory. Who is there already keeps name, address and password, and',
    'gets what roles, colleges and teams the file has besides: the same import may be run again, and goes on',
    'where one was broken off. Nothing is done where the file itself has an impossible person.',
    '.ldif: people and groups as Student Robotics had them; passwords that are hashes are left out.',
    '.csv: a header of userid, first_name, surname, and if need be email, roles, college, teams.',
    '--dry-run  Does nothing, and tells what would become of each.',
    '--adopt    Takes accounts of those userids that are in no directory yet for those people’s. Anybody may',
    '           have signed up with them: their passwords stay.',
    '--invite   Mails those whom it adds without a password a link to set one.',
  ],
  options: { 'dry-run': FLAG, adopt: FLAG, invite: FLAG },
  async prepare(typed) {
    const path = operand(typed, 'file')
    const options: Options = {
      dryRun: isSet(typed, 'dry-run'),
      adopt: isSet(typed, 'adopt'),
      invite: isSet(typed, 'invite'),
    }
    const file = await readPeople(path)
    return async (storage, terminal) => {
      try {
        await run(storage, file, { options, terminal, kind: extname(path).slice(1).toLowerCase() })
      } catch (error) {
        if (!isUnavailable(error)) throw error
        const { message } = error as Error
        throw new CommandError(`broken off (${message}); the same command goes on from there`)
      }
    }
  },
}
