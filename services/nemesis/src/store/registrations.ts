import type { Registration } from '@switchboard/protocol/nemesis'
import type { PrismaClient } from '../generated/client.ts'

interface NewRegistration extends Registration {
  /** `false`: there is no such team, for whoever works the queue. */
  teamKnown: boolean
  /** The userid of the team leader who asks. */
  leader: string
  /** The name (`college-<x>`) of the leader's college. */
  college: string
}

/** People who wait to be put into the directory. */
export interface RegistrationQueue {
  add(registration: NewRegistration): Promise<void>
}

export const registrationQueue = (db: PrismaClient): RegistrationQueue => ({
  async add({ first_name: firstName, last_name: lastName, ...rest }) {
    const { email, team, teamKnown, leader, college } = rest
    await db.registration.create({ data: { firstName, lastName, email, team, teamKnown, leader, college } })
  },
})
