import { randomUUID } from 'node:crypto'
import type { Server } from '@switchboard/kit/server'
import type { Registered } from '@switchboard/protocol/between'
import { ANSWERS, parseRegistration, type Registration } from '@switchboard/protocol/nemesis'
import { ok } from '@switchboard/protocol/result'
import { type Audit, recorded } from '../audit.ts'
import type { Directory } from '../directory.ts'
import { leaderOf } from './leader.ts'
import { orBad, readParameters } from './parameters.ts'

export interface RegistrationOptions {
  directory: Pick<Directory, 'person' | 'hasTeam'>
  audit: Pick<Audit, 'record'>
  queue: {
    add(registration: Registration & { teamKnown: boolean; leader: string; college: string }): Promise<void>
  }
  /** Tells other services of one that is stored. */
  tell(college: string, registered: Registered): void
}

export function registrationRoutes(
  app: Server,
  { directory, audit, queue, tell }: RegistrationOptions,
): void {
  app.post(
    '/user/register',
    { schema: { response: { 200: ANSWERS.empty, 403: ANSWERS.empty } } },
    async (request) => {
      const { person, college } = await leaderOf(request, directory)
      const registration = orBad(parseRegistration(orBad(readParameters(request))))
      const teamKnown = await directory.hasTeam(registration.team)
      const leader = { leader: person.userid, college: college.name }
      const details = { college: college.name }
      await recorded(
        audit,
        { actor: person.userid, action: 'register', address: request.ip, details },
        async () => ok(await queue.add({ ...registration, ...leader, teamKnown })),
      )
      tell(college.name, { id: randomUUID(), team: registration.team })
      return {}
    },
  )
}
