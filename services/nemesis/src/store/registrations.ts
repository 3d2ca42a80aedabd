import type { Database } from '@switchboard/kit/database'
import type { QueuedRegistration, Registration, RegistrationState } from '@switchboard/protocol/nemesis'
import type { PrismaClient, Registration as Row } from '../generated/client.ts'
import { type Claims, registrationClaims } from './claims.ts'

export interface NewRegistration extends Registration {
  /** `false`: there is no such team, for whoever works the queue. */
  teamKnown: boolean
  /** The userid of the team leader who asks. */
  leader: string
  /** The name (`college-<x>`) of the leader's college. */
  college: string
}

/** What an import must not queue once more. */
export type Waiting = Pick<QueuedRegistration, 'id' | keyof Registration | 'college'>

export interface RegistrationFilter {
  /** `undefined`: all. */
  state: RegistrationState | undefined
  /** Names; `undefined`: all. */
  colleges: readonly string[] | undefined
  /** Only those with a higher id. */
  after: number
  count: number
}

/** Who waits to be put into the directory, and what became of who waited. Rejects where the database does not answer. */
export interface RegistrationQueue extends Claims {
  add(registration: NewRegistration): Promise<void>
  /** By id. */
  list(filter: RegistrationFilter): Promise<QueuedRegistration[]>
  get(id: number): Promise<QueuedRegistration | undefined>
  /** Adds what `choose` answers, all or nothing. It is told who waits, and no other import runs meanwhile. */
  addNew(choose: (waiting: Waiting[]) => NewRegistration[]): Promise<void>
}

/** As the wire has it. */
const queued = (row: Row): QueuedRegistration => ({
  id: row.id,
  first_name: row.firstName,
  last_name: row.lastName,
  email: row.email,
  team: row.team,
  team_known: row.teamKnown,
  leader: row.leader,
  college: row.college,
  created: row.created.getTime(),
  // The column's check lets no other in.
  state: row.state as RegistrationState,
  ...(row.userid !== null && { userid: row.userid }),
  ...(row.decidedBy !== null && { decided_by: row.decidedBy }),
  ...(row.decidedAt !== null && { decided_at: row.decidedAt.getTime() }),
  ...(row.reason !== null && { reason: row.reason }),
})

/** Of an advisory lock: one import at a time, in all processes. */
const IMPORT_LOCK = 1_795_280_412

const WAITING = `SELECT id, first_name, last_name, email, team, college FROM "nemesis"."registration"
  WHERE state IN ('waiting', 'approving')`
const INSERT = `INSERT INTO "nemesis"."registration" (first_name, last_name, email, team, team_known, leader, college)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::text[])`

export interface QueueParts {
  db: PrismaClient
  database: Pick<Database, 'query' | 'transaction'>
}

export function registrationQueue({ db, database }: QueueParts): RegistrationQueue {
  const claims = registrationClaims({ db, database })
  return {
    ...claims,

    async add({ first_name: firstName, last_name: lastName, ...rest }) {
      const { email, team, teamKnown, leader, college } = rest
      await db.registration.create({ data: { firstName, lastName, email, team, teamKnown, leader, college } })
    },

    async list({ state, colleges, after, count }) {
      await claims.expire()
      const rows = await db.registration.findMany({
        where: {
          id: { gt: after },
          ...(state && { state }),
          ...(colleges && { college: { in: [...colleges] } }),
        },
        orderBy: { id: 'asc' },
        take: count,
      })
      return rows.map(queued)
    },

    async get(id) {
      const row = await db.registration.findUnique({ where: { id } })
      return row ? queued(row) : undefined
    },

    async addNew(choose) {
      await database.transaction(async (session) => {
        await session.query('SELECT pg_advisory_xact_lock($1)', [IMPORT_LOCK])
        const rows = choose((await session.query(WAITING)) as unknown as Waiting[])
        if (rows.length === 0) return
        const column = (name: keyof NewRegistration) => rows.map((row) => row[name])
        await session.query(INSERT, [
          column('first_name'),
          column('last_name'),
          column('email'),
          column('team'),
          column('teamKnown'),
          column('leader'),
          column('college'),
        ])
      })
    },
  }
}
