import type { TokenProblem, Who } from '@switchboard/auth/tokens'
import { HttpError, unavailable } from '@switchboard/kit/http-error'
import type { FastifyRequest } from 'fastify'

type TokenPlaces = Parameters<FastifyRequest['identify']>[0]

/** Where HTTP endpoints take a token from. */
const HTTP_PLACES: TokenPlaces = { bearer: true, query: ['token'], cookie: true }

function refusal(problem: TokenProblem): HttpError {
  if (problem === 'UNAVAILABLE') return unavailable()
  if (problem === 'CROSS_SITE')
    return new HttpError('FORBIDDEN', 'the cookie authorises no change that another site asks for')
  return new HttpError('UNAUTHORIZED', 'no valid token')
}

/** Who asks, or the answer that ends the request. */
export async function whoAsks(request: FastifyRequest, places: TokenPlaces = HTTP_PLACES): Promise<Who> {
  const who = await request.identify(places)
  if (!who.ok) throw refusal(who.error)
  return who.value
}
