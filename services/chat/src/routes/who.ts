import type { TokenProblem, Who } from '@switchboard/auth/tokens'
import { HttpError, unavailable } from '@switchboard/kit/http-error'
import type { FastifyRequest } from 'fastify'

const refusal = (problem: TokenProblem): HttpError =>
  problem === 'UNAVAILABLE' ? unavailable() : new HttpError('UNAUTHORIZED', 'no valid token')

/** Who asks over HTTP, or the answer that ends the request. */
export async function whoAsks(request: FastifyRequest): Promise<Who> {
  const who = await request.identify({ bearer: true })
  if (!who.ok) throw refusal(who.error)
  return who.value
}

/** Who joins, by the first subprotocol. `undefined`: a guest, who has no token; a token that is no good is no guest's. */
export async function whoJoins(request: FastifyRequest): Promise<Who | undefined> {
  const who = await request.identify({ subprotocol: true })
  if (who.ok) return who.value
  if (who.error === 'MISSING') return undefined
  throw refusal(who.error)
}

/** Who watches presence, by the first subprotocol. */
export async function whoWatches(request: FastifyRequest): Promise<Who> {
  const who = await request.identify({ subprotocol: true })
  if (!who.ok) throw refusal(who.error)
  return who.value
}
