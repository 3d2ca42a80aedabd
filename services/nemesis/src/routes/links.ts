import { toHttpError } from '@switchboard/kit/errors'
import { HttpError } from '@switchboard/kit/http-error'
import type { Server } from '@switchboard/kit/server'
import { ANSWERS, type LinkKind, parseNewPassword, TOKEN_SECONDS } from '@switchboard/protocol/nemesis'
import { err, type Result } from '@switchboard/protocol/result'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type Audit, type AuditAction, recorded } from '../audit.ts'
import type { Directory, DirectoryProblem } from '../directory.ts'
import { LINK_PATHS, type LinkProblem, type Links, type LinkTarget } from '../mail/links.ts'
import { UNREADABLE } from './body.ts'
import { passwordPage, passwordSetPage, problemPage, verifiedPage } from './link-pages.ts'
import { keepPrivate, type Page, sendPage, wantsPage } from './page.ts'

export interface LinkOptions {
  directory: Pick<Directory, 'person' | 'subject' | 'setEmail' | 'setPassword'>
  links: Pick<Links, 'find' | 'use' | 'takeBack'>
  audit: Pick<Audit, 'record'>
}

const LinkParams = Type.Object({ userid: Type.String(), code: Type.String() })

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

function refusalOf(problem: LinkProblem | DirectoryProblem): Refusal {
  if (typeof problem === 'string') return REFUSALS[problem]
  if (problem.code === 'NOBODY') return REFUSALS.NONE
  return { status: CONFLICTS.has(problem.code) ? 409 : 400, error: problem.message }
}

/** One answer as a page for people and as JSON for programs. */
function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { status = 200, body, page }: { status?: number; body: object; page: Page },
): FastifyReply {
  void keepPrivate(reply).code(status)
  return wantsPage(request) ? sendPage(reply, page) : reply.send(body)
}

const refuse = (request: FastifyRequest, reply: FastifyReply, { status, error }: Refusal) =>
  send(request, reply, { status, body: { error }, page: problemPage(error) })

/** What a handler throws; programs hear of it as everywhere else. */
function linkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void keepPrivate(reply)
  if (!wantsPage(request)) throw error
  const { status, message, headers, cause } = toHttpError(error)
  if (status >= 500)
    request.log.error({ err: cause ?? error, route: request.routeOptions.url }, 'a request failed')
  return sendPage(reply.code(status).headers(headers), problemPage(message))
}

export function linkRoutes(app: Server, { directory, links, audit }: LinkOptions): void {
  /** Does it to somebody who is still in the directory, and tells the audit. */
  const act = (
    { userid }: LinkTarget,
    { action, request }: { action: AuditAction; request: FastifyRequest },
    work: () => Promise<Result<unknown, DirectoryProblem>>,
  ): Promise<Result<unknown, LinkProblem | DirectoryProblem>> =>
    recorded<Result<unknown, LinkProblem | DirectoryProblem>>(
      audit,
      { actor: userid, action, target: userid, address: request.ip },
      async () => ((await directory.person(userid)) ? work() : err('NONE')),
    )

  app.get(
    '/verify/:userid/:code',
    // A look at the headers is not a click.
    {
      exposeHeadRoute: false,
      schema: { params: LinkParams, response: { 200: ANSWERS.link } },
      errorHandler: linkError,
    },
    async (request, reply) => {
      const target = await links.find({ kind: 'verify', ...request.params })
      if (!target.ok) return refuse(request, reply, refusalOf(target.error))
      const { userid } = target.value
      const used = await links.use({ kind: 'verify', ...request.params }, (link) =>
        act(link, { action: 'email-verified', request }, async () => {
          const changed = await directory.setEmail(link.userid, link.email)
          // Whoever reads the mail of the address before has no say any more.
          if (changed.ok) await links.takeBack(link.userid, ['activate', 'reset', 'verify'])
          return changed
        }),
      )
      if (!used.ok) return refuse(request, reply, refusalOf(used.error))
      return send(request, reply, { body: { userid }, page: verifiedPage(userid) })
    },
  )

  function passwordRoutes(kind: Exclude<LinkKind, 'verify'>, action: AuditAction): void {
    const path = `/${LINK_PATHS[kind]}/:userid/:code`

    app.get(
      path,
      { schema: { params: LinkParams, response: { 200: ANSWERS.link } }, errorHandler: linkError },
      async (request, reply) => {
        const target = await links.find({ kind, ...request.params })
        if (!target.ok) return refuse(request, reply, refusalOf(target.error))
        const { userid } = target.value
        return send(request, reply, { body: { userid }, page: passwordPage(kind, userid) })
      },
    )

    app.post(
      path,
      { schema: { params: LinkParams, response: { 200: ANSWERS['logged-in'] } }, errorHandler: linkError },
      async (request, reply) => {
        const followed = { kind, ...request.params }
        const target = await links.find(followed)
        if (!target.ok) return refuse(request, reply, refusalOf(target.error))
        const { userid } = target.value
        // Not from the query: a URL is no place for a password.
        const password = parseNewPassword(request.body === UNREADABLE ? undefined : request.body)
        if (!password.ok) {
          const page = passwordPage(kind, userid, password.error)
          return send(request, reply, { status: 400, body: { error: password.error }, page })
        }
        const used = await links.use(followed, (link) =>
          act(link, { action, request }, async () => {
            const changed = await directory.setPassword(link.userid, password.value)
            if (changed.ok) await links.takeBack(link.userid, ['activate', 'reset'])
            return changed
          }),
        )
        if (!used.ok) return refuse(request, reply, refusalOf(used.error))
        const subject = await directory.subject(userid)
        if (!subject) throw new HttpError('NOT_FOUND', REFUSALS.NONE.error)
        const { token } = app.tokens.issue(subject, { ttlSeconds: TOKEN_SECONDS })
        return send(request, reply, { body: { token, userid }, page: passwordSetPage(userid) })
      },
    )
  }

  passwordRoutes('activate', 'activated')
  passwordRoutes('reset', 'password-reset')
}
