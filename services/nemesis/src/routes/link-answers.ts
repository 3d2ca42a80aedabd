import { toHttpError } from '@switchboard/kit/errors'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { DirectoryProblem } from '../directory.ts'
import type { LinkProblem } from '../mail/links.ts'
import { problemPage } from './link-pages.ts'
import { keepPrivate, type Page, sendPage, wantsPage } from './page.ts'

/** `EMAIL_TAKEN` and the like come from the directory, the rest from the link itself. */
export type FollowProblem = LinkProblem | DirectoryProblem

interface Refusal {
  status: number
  error: string
}

const REFUSALS: Readonly<Record<LinkProblem, Refusal>> = {
  NONE: { status: 404, error: 'there is no such link: it was used, or a newer one was sent' },
  EXPIRED: { status: 410, error: 'this link is too old; ask for a new one' },
  WRONG: { status: 403, error: 'this is not the whole link, or a newer one was sent' },
}

const CONFLICTS = new Set(['EMAIL_TAKEN', 'USERID_TAKEN'])

function refusalOf(problem: FollowProblem): Refusal {
  if (typeof problem === 'string') return REFUSALS[problem]
  if (problem.code === 'NOBODY') return REFUSALS.NONE
  return { status: CONFLICTS.has(problem.code) ? 409 : 400, error: problem.message }
}

/** One answer: a page for people, JSON for programs. */
export function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { status = 200, body, page }: { status?: number; body: object; page: Page },
): FastifyReply {
  void keepPrivate(reply).code(status)
  return wantsPage(request) ? sendPage(reply, page) : reply.send(body)
}

export function refuse(request: FastifyRequest, reply: FastifyReply, problem: FollowProblem): FastifyReply {
  const { status, error } = refusalOf(problem)
  return send(request, reply, { status, body: { error }, page: problemPage(error) })
}

/** What a handler throws, as a page; programs hear of it as everywhere else. */
export function linkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void keepPrivate(reply)
  if (!wantsPage(request)) throw error
  const { status, message, headers, cause } = toHttpError(error)
  if (status >= 500)
    request.log.error({ err: cause ?? error, route: request.routeOptions.url }, 'a request failed')
  return sendPage(reply.code(status).headers(headers), problemPage(message))
}
