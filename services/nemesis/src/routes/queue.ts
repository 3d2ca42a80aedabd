import { HttpError } from '@switchboard/kit/http-error'
import type { Server } from '@switchboard/kit/server'
import { ANSWERS, type QueuedRegistration } from '@switchboard/protocol/nemesis'
import { parseApproval, parseRegistrationId, parseRejection } from '@switchboard/protocol/nemesis-requests'
import type { Result } from '@switchboard/protocol/result'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type ApprovalParts, approval, type Decider, type DecisionProblem } from '../approval.ts'
import type { Directory } from '../directory.ts'
import { mayDecide } from '../domain/rights.ts'
import { leaderOf, refused } from './leader.ts'
import { orBad, readParameters } from './parameters.ts'

const Params = Type.Object({ id: Type.String() })
const DECIDED = { 200: ANSWERS.registration, 403: ANSWERS.empty }

/**
 * Who decides on registrations.
 * @throws HttpError 403, or 503 where that cannot be looked up
 */
export async function deciderOf(
  request: FastifyRequest,
  directory: Pick<Directory, 'person'>,
): Promise<Decider> {
  const { person } = await leaderOf(request, directory)
  if (!mayDecide(person)) throw refused()
  return { userid: person.userid, address: request.ip }
}

function orRefused(decision: Result<QueuedRegistration, DecisionProblem>): QueuedRegistration {
  if (decision.ok) return decision.value
  const { code, message } = decision.error
  if (code === 'NONE') throw new HttpError('NOT_FOUND', message)
  const headers: Record<string, string> = code === 'BUSY' ? { 'retry-after': '1' } : {}
  throw new HttpError('BAD_BINDING', message, { status: 409, headers })
}

/** Approving and rejecting. */
export function queueRoutes(app: Server, parts: ApprovalParts): void {
  const { directory } = parts
  const { approve, reject } = approval(parts)

  app.post(
    '/registrations/:id/approve',
    { schema: { params: Params, response: DECIDED } },
    async (request) => {
      const by = await deciderOf(request, directory)
      const id = orBad(parseRegistrationId(request.params.id))
      const { team } = orBad(parseApproval(orBad(readParameters(request))))
      return orRefused(await approve(id, { team, by }))
    },
  )

  app.post(
    '/registrations/:id/reject',
    { schema: { params: Params, response: DECIDED } },
    async (request) => {
      const by = await deciderOf(request, directory)
      const id = orBad(parseRegistrationId(request.params.id))
      const { reason } = orBad(parseRejection(orBad(readParameters(request))))
      return orRefused(await reject(id, { reason, by }))
    },
  )
}
