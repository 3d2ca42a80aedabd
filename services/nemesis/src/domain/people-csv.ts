import { err, ok, type Result } from '@switchboard/protocol/result'
import type { Csv, CsvRow } from '../csv/read.ts'
import { isFormula, textOf } from './cells.ts'
import { isCollegeName, isTeamName } from './places.ts'
import type { Role } from './rights.ts'
import { type CheckedPerson, checkPeople, type RosterPerson } from './roster.ts'

/** In any order; those after the first three may be missing. */
const COLUMNS = ['userid', 'first_name', 'surname', 'email', 'roles', 'college', 'teams'] as const
type Column = (typeof COLUMNS)[number]
const NEEDED: ReadonlySet<string> = new Set(COLUMNS.slice(0, 3))

const ROLES: ReadonlyMap<string, Role | undefined> = new Map([
  ['student', undefined],
  ['blueshirt', 'blueshirt'],
  ['team-leader', 'team-leader'],
  ['administrator', 'administrator'],
])

/** Where each column is. */
function columnsOf({ line, cells }: CsvRow): Result<ReadonlyMap<string, number>> {
  const names = cells.map((cell) => cell.trim())
  if (new Set(names).size < names.length) return err(`line ${line}: a column is there twice`)
  // A column that is not known may be one that is misspelt: then people would silently lack what it says.
  if (names.some((name) => !COLUMNS.includes(name as Column)))
    return err(`line ${line}: there are the columns ${COLUMNS.join(', ')}, and no others`)
  const missing = [...NEEDED].find((name) => !names.includes(name))
  if (missing) return err(`line ${line}: the column ${missing} is missing`)
  return ok(new Map(names.map((name, index) => [name, index])))
}

/** Names in one cell. */
const listOf = (cell: string): string[] => cell.split(/[\s,;]+/u).filter((name) => name !== '')

function rolesOf(names: readonly string[]): Result<Role[]> {
  if (!names.every((name) => ROLES.has(name)))
    return err('roles: there are student, blueshirt, team-leader and administrator')
  return ok(names.flatMap((name) => ROLES.get(name) ?? []))
}

function personOf(
  { line, cells }: CsvRow,
  columns: ReadonlyMap<string, number>,
  utf8: boolean,
): Result<RosterPerson> {
  if (cells.length !== columns.size)
    return err(`has ${cells.length} cells, but there are ${columns.size} columns`)
  if (!utf8 && cells.some((cell) => cell.includes('\ufffd'))) return err('is no UTF-8')
  if (cells.some((cell) => isFormula(cell) || isFormula(cell.trim())))
    return err("a cell begins as a formula does; where it is none, write an ' before it")
  const cell = (name: Column): string => textOf((cells[columns.get(name) ?? -1] ?? '').trim())
  const roles = rolesOf(listOf(cell('roles')))
  if (!roles.ok) return roles
  const [colleges, teams] = [listOf(cell('college')), listOf(cell('teams'))]
  if (!colleges.every(isCollegeName)) return err('college: has a name such as college-1')
  if (!teams.every(isTeamName)) return err('teams: have names such as team-ABC')
  return ok({
    line,
    userid: cell('userid'),
    firstName: cell('first_name'),
    surname: cell('surname'),
    email: cell('email') || undefined,
    password: undefined,
    hashed: false,
    roles: roles.value,
    colleges,
    teams,
  })
}

/**
 * People in a CSV with a header of {@link COLUMNS}; `roles`, `college` and `teams` may each hold several names, with spaces,
 * commas or semicolons between. An error tells why there is nothing to be read at all.
 */
export function peopleOfCsv({ rows: [header, ...rows], broken, utf8 }: Csv): Result<CheckedPerson[]> {
  if (broken) return err(`line ${broken.line}: ${broken.problem}`)
  if (!header) return err('the file is empty')
  const columns = columnsOf(header)
  if (!columns.ok) return columns
  const read = rows.map((row) => ({ line: row.line, person: personOf(row, columns.value, utf8) }))
  const checked = checkPeople(read.flatMap(({ person }) => (person.ok ? [person.value] : [])))[
    Symbol.iterator
  ]()
  return ok(read.map((row) => (row.person.ok ? (checked.next().value ?? row) : row)))
}
