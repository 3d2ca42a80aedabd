import type { Server } from '@switchboard/kit/server'
import { nameKey } from '@switchboard/protocol/names'
import { ANSWERS, parseChange } from '@switchboard/protocol/nemesis'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Directory, Person } from '../directory.ts'
import { mayChange, maySee, mayServeSelf } from '../domain/rights.ts'
import { type ChangeParts, createChanges } from './changes.ts'
import { askerOf, leaderOf, refused } from './leader.ts'
import { orBad, readParameters } from './parameters.ts'

const UserParams = Type.Object({ userid: Type.String() })

const byCodeUnit = (names: readonly string[]): string[] => names.toSorted()

const fullName = ({ firstName, surname }: Person): string => `${firstName} ${surname}`.trim()

export interface PeopleOptions extends ChangeParts {
  directory: Directory
}

export function peopleRoutes(app: Server, options: PeopleOptions): void {
  const { directory } = options
  const changes = createChanges(options)

  /** Who asks, about whom. @throws HttpError 403 where there is nobody of that name */
  async function both(request: FastifyRequest, userid: string) {
    const asker = await askerOf(request, directory)
    const person = await directory.person(userid)
    if (!person) throw refused()
    const isSelf = nameKey(asker.userid) === nameKey(person.userid) && mayServeSelf(asker)
    return { asker, person, isSelf }
  }

  app.get(
    '/college',
    { schema: { response: { 200: ANSWERS.college, 403: ANSWERS.empty } } },
    async (request) => {
      const { college } = await leaderOf(request, directory)
      const { userids, teams } = await directory.members(college.name)
      return { userids: byCodeUnit(userids), teams: byCodeUnit(teams), college_name: college.title }
    },
  )

  app.get(
    '/user/:userid',
    { schema: { params: UserParams, response: { 200: ANSWERS.user, 403: ANSWERS.empty } } },
    async (request) => {
      const { asker, person, isSelf } = await both(request, request.params.userid)
      if (!maySee(asker, person) && !isSelf) throw refused()
      return { full_name: fullName(person), email: person.email ?? '' }
    },
  )

  app.post(
    '/user/:userid',
    {
      schema: {
        params: UserParams,
        response: { 200: ANSWERS.empty, 202: ANSWERS.empty, 403: ANSWERS.empty },
      },
    },
    async (request, reply) => {
      const { asker, person, isSelf } = await both(request, request.params.userid)
      const atOnce = mayChange(asker, person)
      if (!atOnce && !isSelf) throw refused()
      const change = orBad(parseChange(orBad(readParameters(request))))
      const by = { actor: asker.userid, address: request.ip }
      if (atOnce) await changes.make(person, change, by)
      else if (await changes.askFor(person, change, by)) void reply.code(202)
      return {}
    },
  )
}
