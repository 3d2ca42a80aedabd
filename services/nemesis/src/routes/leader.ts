import { HttpError, unavailable } from '@switchboard/kit/http-error'
import type { FastifyRequest } from 'fastify'
import type { Directory, Person } from '../directory.ts'
import { type College, mayWork } from '../domain/rights.ts'

/** Where a token is looked for; the first place that holds one decides. */
export const TOKEN_PLACES = { bearer: true, query: ['token'], body: ['token'] } as const

/** The team leader who asks. */
export interface Leader {
  person: Person
  /** The one to work in. */
  college: College
}

/** 403 with an empty object. */
export const refused = (): HttpError => new HttpError('FORBIDDEN', 'refused')

/**
 * Who asks, as the directory has it now.
 * @throws HttpError 403, or 503 where that cannot be looked up
 */
export async function askerOf(
  request: FastifyRequest,
  directory: Pick<Directory, 'person'>,
): Promise<Person> {
  const who = await request.identify(TOKEN_PLACES)
  if (!who.ok) throw who.error === 'UNAVAILABLE' ? unavailable() : refused()
  const person = await directory.person(who.value.name)
  if (!person) throw refused()
  return person
}

/**
 * The team leader who asks: a token outlives neither the rights nor the college of its person.
 * @throws HttpError 403, or 503 where that cannot be looked up
 */
export async function leaderOf(
  request: FastifyRequest,
  directory: Pick<Directory, 'person'>,
): Promise<Leader> {
  const person = await askerOf(request, directory)
  const college = mayWork(person)
  if (!college.ok) throw refused()
  return { person, college: college.value }
}
