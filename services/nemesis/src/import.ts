import { nameKey } from '@switchboard/protocol/names'
import type { ImportedRow } from '@switchboard/protocol/nemesis'
import { err, ok, type Result } from '@switchboard/protocol/result'
import { type Audit, recorded } from './audit.ts'
import { readCsv } from './csv/read.ts'
import type { Directory } from './directory.ts'
import { type Candidate, type CheckedRow, checkRows } from './domain/import-rows.ts'
import type { NewRegistration, RegistrationQueue, Waiting } from './store/registrations.ts'

export interface ImportParts {
  directory: Pick<Directory, 'colleges' | 'hasTeam' | 'personByEmail'>
  queue: Pick<RegistrationQueue, 'addNew'>
  audit: Pick<Audit, 'record'>
}

/** What the directory is asked at once. */
const AT_ONCE = 16

async function ask<Q, A>(questions: readonly Q[], answer: (question: Q) => Promise<A>): Promise<Map<Q, A>> {
  const answers = new Map<Q, A>()
  for (let i = 0; i < questions.length; i += AT_ONCE) {
    const some = questions.slice(i, i + AT_ONCE)
    const found = await Promise.all(some.map(answer))
    for (const [index, question] of some.entries()) answers.set(question, found[index] as A)
  }
  return answers
}

const goodOnes = (rows: readonly CheckedRow[]): Candidate[] =>
  rows.flatMap(({ candidate }) => (candidate.ok ? [candidate.value] : []))

/** What only the directory knows: colleges and addresses are checked, teams are merely looked up. */
async function checkInDirectory(
  directory: ImportParts['directory'],
  rows: readonly CheckedRow[],
): Promise<{ rows: CheckedRow[]; teams: Map<string, boolean> }> {
  const good = goodOnes(rows)
  const colleges = new Set((await directory.colleges()).map(({ name }) => name))
  const teams = await ask([...new Set(good.map(({ team }) => team))], (team) => directory.hasTeam(team))
  const owners = await ask(
    good.map(({ email }) => email),
    (email) => directory.personByEmail(email),
  )
  const check = (one: Candidate): Result<Candidate> => {
    if (!colleges.has(one.college)) return err('college: there is no such college')
    return owners.get(one.email) ? err('email: somebody has that address already') : ok(one)
  }
  return {
    rows: rows.map(({ line, candidate }) => ({
      line,
      candidate: candidate.ok ? check(candidate.value) : candidate,
    })),
    teams,
  }
}

interface QueueReport {
  rows: ImportedRow[]
  fresh: Candidate[]
}

/** What becomes of each row beside those who wait already. */
function reportOf(
  rows: readonly CheckedRow[],
  teams: Map<string, boolean>,
  waiting: readonly Waiting[],
): QueueReport {
  const byEmail = new Map(waiting.map((one) => [nameKey(one.email), one]))
  const fresh: Candidate[] = []
  const reports = rows.map(({ line, candidate }): ImportedRow => {
    if (!candidate.ok) return { line, ok: false, error: candidate.error }
    const { value } = candidate
    const team_known = teams.get(value.team) ?? false
    const other = byEmail.get(nameKey(value.email))
    if (!other) {
      fresh.push(value)
      return { line, ok: true, team_known }
    }
    const same = (Object.keys(value) as (keyof Candidate)[]).every((name) => value[name] === other[name])
    if (same) return { line, ok: true, team_known, already: true }
    return { line, ok: false, error: `email: waits already with other details, as registration ${other.id}` }
  })
  return { rows: reports, fresh }
}

export interface ImportReport {
  rows: ImportedRow[]
  queued: number
}

/** `rows`: absent where the file as a whole is none that could be imported. */
export interface ImportRefusal extends Partial<ImportReport> {
  error: string
}

/** Who imports, from where. */
export interface Importer {
  userid: string
  address: string
}

/**
 * Puts everyone in a CSV file into the queue, or nobody; with `dryRun` nobody, but tells of each row. Whoever waits there
 * already, with the same details, is not put there again.
 */
export async function importRegistrations(
  { directory, queue, audit }: ImportParts,
  bytes: Buffer,
  { importer, dryRun }: { importer: Importer; dryRun: boolean },
): Promise<Result<ImportReport, ImportRefusal>> {
  const read = checkRows(readCsv(bytes))
  if (!read.ok) return err({ error: read.error })
  const { rows, teams } = await checkInDirectory(directory, read.value)

  /** Adds those that are new where every row is good. */
  async function add(): Promise<Result<ImportReport, ImportRefusal>> {
    let report: QueueReport = { rows: [], fresh: [] }
    let bad = 0
    await queue.addNew((waiting): NewRegistration[] => {
      report = reportOf(rows, teams, waiting)
      bad = report.rows.filter((row) => !row.ok).length
      if (dryRun || bad > 0) return []
      const leader = importer.userid
      return report.fresh.map((one) => ({ ...one, teamKnown: teams.get(one.team) ?? false, leader }))
    })
    if (dryRun || bad === 0) return ok({ rows: report.rows, queued: dryRun ? 0 : report.fresh.length })
    const error = `nothing was queued: ${bad} of ${rows.length} rows cannot be`
    return err({ error, rows: report.rows, queued: 0 })
  }

  if (dryRun || rows.some(({ candidate }) => !candidate.ok)) return add()
  const { userid: actor, address } = importer
  return recorded(audit, { actor, action: 'import', address, details: { rows: rows.length } }, add)
}
