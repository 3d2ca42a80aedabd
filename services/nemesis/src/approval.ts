import { nameKey } from '@switchboard/protocol/names'
import type { QueuedRegistration } from '@switchboard/protocol/nemesis'
import { err, ok, type Result } from '@switchboard/protocol/result'
import { type Audit, type AuditRecord, recorded } from './audit.ts'
import type { Directory, Person } from './directory.ts'
import { nextUserid, useridPrefix } from './domain/userid.ts'
import type { Links } from './mail/links.ts'
import type { Claim } from './store/claims.ts'
import type { RegistrationQueue } from './store/registrations.ts'

export interface ApprovalParts {
  directory: Pick<
    Directory,
    'person' | 'personByEmail' | 'colleges' | 'hasTeam' | 'useridsFrom' | 'add' | 'enrol'
  >
  queue: Omit<RegistrationQueue, 'add' | 'addNew' | 'list'>
  links: Pick<Links, 'send'>
  audit: Pick<Audit, 'record'>
}

/** Who decides, from where. */
export interface Decider {
  userid: string
  address: string
}

/** `BUSY`: somebody else is at it, for some seconds. */
export interface DecisionProblem {
  code: 'NONE' | 'BUSY' | 'CONFLICT'
  message: string
}

/** One that is claimed, and whom it is to become. */
interface Step {
  claim: Claim
  row: QueuedRegistration
  userid: string
  team: string
  by: Decider
  /** An earlier approval made the person, and was broken off after that. */
  isMade: boolean
}

type Decision = Result<QueuedRegistration, DecisionProblem>

const problem = (code: DecisionProblem['code'], message: string) => err({ code, message })
const conflict = (message: string) => problem('CONFLICT', message)
const NONE = problem('NONE', 'there is no such registration')
/** The userid is somebody's since it was chosen. */
const TAKEN = err('TAKEN' as const)
const BUSY = problem(
  'BUSY',
  'somebody else is deciding on it, or on another one with the same e-mail address',
)

/** How often a userid that somebody took a moment ago is replaced by the next one: so many namesakes may be approved at once. */
const TRIES = 50

/** Whether a person is the one that an approval made before it was broken off. */
const isOf = (person: Person, { email, first_name, last_name }: QueuedRegistration): boolean =>
  nameKey(person.email ?? '') === nameKey(email) &&
  person.firstName === first_name &&
  person.surname === last_name

/** The work of the queue. Each rejects where the database or the directory does not answer; then nothing is decided. */
export interface Approval {
  /** Puts somebody into the directory, and mails a link to set a password. What was approved before is answered as it is. */
  approve(id: number, decision: { team: string | undefined; by: Decider }): Promise<Decision>
  /** What was rejected before is answered as it is. */
  reject(id: number, decision: { reason: string; by: Decider }): Promise<Decision>
}

export function approval({ directory, queue, links, audit }: ApprovalParts): Approval {
  /** What became of a registration, which is not this caller's to decide on, or no longer. */
  async function settled(id: number, wanted: 'approved' | 'rejected'): Promise<Decision> {
    const row = await queue.get(id)
    if (!row) return NONE
    if (row.state === wanted) return ok(row)
    return row.state === 'approved' || row.state === 'rejected'
      ? conflict(`it is ${row.state} already`)
      : BUSY
  }

  /** Lets `decide` decide on what nobody else decides on meanwhile; what it does not decide waits again. */
  async function claimed(
    id: number,
    wanted: 'approved' | 'rejected',
    decide: (claim: Claim, row: QueuedRegistration) => Promise<Decision>,
  ): Promise<Decision> {
    const claim = await queue.claim(id)
    if (!claim) return settled(id, wanted)
    try {
      const row = await queue.get(id)
      const decision = row ? await decide(claim, row) : NONE
      if (!decision.ok) await queue.release(claim)
      return decision
    } catch (error) {
      // Where this fails too, the claim runs out.
      await queue.release(claim).catch(() => {})
      throw error
    }
  }

  /** Whom an earlier approval made, before it was broken off. */
  async function madeBefore(row: QueuedRegistration): Promise<Person | undefined> {
    const person = row.userid === undefined ? undefined : await directory.person(row.userid)
    return person && isOf(person, row) ? person : undefined
  }

  /** Why nobody can be made of it. */
  async function obstacle(row: QueuedRegistration, team: string): Promise<string | undefined> {
    const colleges = await directory.colleges()
    if (!colleges.some(({ name }) => name === row.college)) return 'there is no such college'
    if (!(await directory.hasTeam(team))) return 'there is no such team; name one that there is'
    return (await directory.personByEmail(row.email)) && 'somebody has that e-mail address already'
  }

  async function freeUserid({ first_name: firstName, last_name: lastName, college }: QueuedRegistration) {
    const prefix = useridPrefix({ firstName, lastName, college })
    const used = await Promise.all([directory.useridsFrom(prefix), queue.keptUserids(prefix)])
    return nextUserid(prefix, used.flat())
  }

  /** Makes the person, or what is missing of it. Mail and decision are then written together: neither is without the other. */
  async function finish({ claim, row, userid, team, by, isMade }: Step): Promise<Decision | typeof TAKEN> {
    const places = { roles: [], colleges: [row.college], teams: [team] }
    const { first_name: firstName, last_name: surname, email } = row
    const there = isMade
      ? await directory.enrol(userid, places)
      : await directory.add({ userid, firstName, surname, email, password: undefined, ...places })
    if (!there.ok) return there.error.code === 'USERID_TAKEN' ? TAKEN : conflict(there.error.message)
    try {
      const link = { kind: 'activate', userid, email, firstName } as const
      await links.send(link, queue.approved(claim, by.userid))
    } catch (error) {
      if (await queue.renew(claim)) throw error
      // Somebody went on with it meanwhile, because this took so long.
    }
    return settled(row.id, 'approved')
  }

  /** With the userid that is kept for it, or the next one that is free. */
  async function make(step: Omit<Step, 'userid'>): Promise<Decision> {
    const { claim, row, team, by } = step
    let { isMade } = step
    let { userid } = row
    for (let i = 0; i < TRIES; i++) {
      userid ??= await freeUserid(row)
      const kept = await queue.keep(claim, { userid, team })
      if (!kept) return settled(row.id, 'approved')
      const details = { registration: row.id, college: row.college, team }
      const entry: AuditRecord = {
        actor: by.userid,
        action: 'approve',
        target: userid,
        address: by.address,
        details,
      }
      const named: Step = { ...step, userid, isMade }
      const done = kept === 'taken' ? TAKEN : await recorded(audit, entry, () => finish(named))
      if (done.ok) return done
      if (done.error !== 'TAKEN') return err(done.error)
      // By somebody whose claim on this registration ran out in the middle, or by a stranger.
      isMade = (await madeBefore({ ...row, userid })) !== undefined
      if (!isMade) userid = undefined
    }
    return BUSY
  }

  return {
    approve: (id, { team: wanted, by }) =>
      claimed(id, 'approved', async (claim, row) => {
        const team = wanted ?? row.team
        const made = await madeBefore(row)
        if (made && team !== row.team)
          return conflict(`its person, ${made.userid}, is in another team already`)
        const why = made ? undefined : await obstacle(row, team)
        return why === undefined ? make({ claim, row, team, by, isMade: made !== undefined }) : conflict(why)
      }),

    reject: (id, { reason, by }) =>
      claimed(id, 'rejected', async (claim, row) => {
        const made = await madeBefore(row)
        if (made) return conflict(`its approval ended after ${made.userid} was made; approve it again`)
        const { userid: actor, address } = by
        const entry: AuditRecord = { actor, action: 'reject', target: String(id), address }
        return recorded(audit, entry, async () => {
          await queue.rejected(claim, actor, reason)
          return settled(id, 'rejected')
        })
      }),
  }
}
