import type { Server } from '@switchboard/kit/server'
import { ANSWERS, parseChange } from '@switchboard/protocol/nemesis'
import { Type } from 'typebox'
import type { Directory, Person } from '../directory.ts'
import { mayChange, maySee } from '../domain/rights.ts'
import { leaderOf, refused } from './leader.ts'
import { orBad, readParameters } from './parameters.ts'

const UserParams = Type.Object({ userid: Type.String() })

const byCodeUnit = (names: readonly string[]): string[] => names.toSorted()

const fullName = ({ firstName, surname }: Person): string => `${firstName} ${surname}`.trim()

export function peopleRoutes(app: Server, { directory }: { directory: Directory }): void {
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
      const leader = await leaderOf(request, directory)
      const person = await directory.person(request.params.userid)
      if (!person || !maySee(leader.person, person)) throw refused()
      return { full_name: fullName(person), email: person.email ?? '' }
    },
  )

  app.post(
    '/user/:userid',
    { schema: { params: UserParams, response: { 200: ANSWERS.empty, 403: ANSWERS.empty } } },
    async (request) => {
      const leader = await leaderOf(request, directory)
      const person = await directory.person(request.params.userid)
      if (!person || !mayChange(leader.person, person)) throw refused()
      const { email, password } = orBad(parseChange(orBad(readParameters(request))))
      // The one that may be refused comes first, so that a 400 changes nothing.
      if (email !== undefined) orBad(await directory.setEmail(person.userid, email))
      if (password !== undefined) orBad(await directory.setPassword(person.userid, password))
      return {}
    },
  )
}
