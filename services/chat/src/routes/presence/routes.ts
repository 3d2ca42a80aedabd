import type { Presence } from '@switchboard/hub/presence'
import { HttpError, unavailable } from '@switchboard/kit/http-error'
import type { Server } from '@switchboard/kit/server'
import { accountPlace } from '@switchboard/protocol/between'
import { checker } from '@switchboard/protocol/decode'
import { encodeUsers, encodeWhereabouts, NAMES_MAX } from '@switchboard/protocol/presence'
import { Type } from 'typebox'
import { keysOf } from '../../domain/presence/names.ts'
import { restrictedIn, type Spot, spotsOf, whereaboutsOf } from '../../domain/presence/spots.ts'
import { successJson } from '../answers.ts'
import { whoAsks } from '../who.ts'
import type { OpenSpaces } from './spaces.ts'

export interface PresenceOptions {
  presence: Pick<Presence, 'list'>
  openSpaces: OpenSpaces
}

const checkQuery = checker(
  Type.Object({
    user: Type.Union([Type.String(), Type.Array(Type.String(), { maxItems: NAMES_MAX })]),
  }),
)

function namesIn(query: unknown): string[] {
  const asked = checkQuery(query)
  if (!asked.ok) throw new HttpError('BAD_BINDING', `user: 1 to ${NAMES_MAX} names`)
  return [asked.value.user].flat()
}

export function presenceRoutes(app: Server, { presence, openSpaces }: PresenceOptions): void {
  async function spotsAt(key: string | undefined): Promise<Spot[]> {
    if (key === undefined) return []
    try {
      return spotsOf(await presence.list(accountPlace(key)))
    } catch (error) {
      throw unavailable(error)
    }
  }

  app.get('/api/v1/presence', async (request, reply) => {
    const { accountId } = await whoAsks(request)
    const keys = keysOf(namesIn(request.query))
    const found = await Promise.all([...keys].map(async ([name, key]) => [name, await spotsAt(key)] as const))
    const restricted = restrictedIn(found.flatMap(([, spots]) => spots))
    const open = restricted.length > 0 ? await openSpaces(accountId, restricted) : new Set<string>()
    const users = found.map(([name, spots]) => [name, encodeWhereabouts(whereaboutsOf(spots, open))] as const)
    return reply.type('application/json; charset=utf-8').send(successJson(encodeUsers(users)))
  })
}
