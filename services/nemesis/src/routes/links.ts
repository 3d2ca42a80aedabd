import type { Server } from '@switchboard/kit/server'
import { ANSWERS, type LinkKind, TOKEN_SECONDS } from '@switchboard/protocol/nemesis'
import { parseNewPassword } from '@switchboard/protocol/nemesis-requests'
import { err, type Result } from '@switchboard/protocol/result'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type Audit, type AuditAction, recorded } from '../audit.ts'
import type { Directory, DirectoryProblem } from '../directory.ts'
import { LINK_PATHS, type Links, type LinkTarget } from '../mail/links.ts'
import { UNREADABLE } from './body.ts'
import { type FollowProblem, linkError, refuse, send } from './link-answers.ts'
import { passwordPage, passwordSetPage, verifiedPage } from './link-pages.ts'

export interface LinkOptions {
  directory: Pick<Directory, 'person' | 'subject' | 'setEmail' | 'setPassword'>
  links: Pick<Links, 'find' | 'use' | 'takeBack'>
  audit: Pick<Audit, 'record'>
}

/** Who is told of what is done. */
interface Told {
  action: AuditAction
  request: FastifyRequest
}

type Follow = (
  link: { kind: LinkKind; userid: string; code: string },
  told: Told,
  act: (target: LinkTarget) => Promise<Result<unknown, DirectoryProblem>>,
) => Promise<Result<unknown, FollowProblem>>

const LinkParams = Type.Object({ userid: Type.String(), code: Type.String() })

export function linkRoutes(app: Server, options: LinkOptions): void {
  const { directory, links, audit } = options

  /** Uses the link of somebody who is still in the directory, and tells the audit. */
  const follow: Follow = (link, { action, request }, act) =>
    links.use(link, (target) =>
      recorded<Result<unknown, FollowProblem>>(
        audit,
        { actor: target.userid, action, target: target.userid, address: request.ip },
        async () => ((await directory.person(target.userid)) ? act(target) : err('NONE')),
      ),
    )

  verifyRoute(app, options, follow)
  passwordRoutes(app, { ...options, kind: 'activate', action: 'activated' }, follow)
  passwordRoutes(app, { ...options, kind: 'reset', action: 'password-reset' }, follow)
}

/** A click is enough: who gets the mail is who is asked. */
function verifyRoute(app: Server, { directory, links }: LinkOptions, follow: Follow): void {
  const kind = 'verify'
  const schema = { params: LinkParams, response: { 200: ANSWERS.link } }
  // A look at the headers is no click.
  const options = { exposeHeadRoute: false, schema, errorHandler: linkError }
  app.get(`/${LINK_PATHS[kind]}/:userid/:code`, options, async (request, reply) => {
    const link = { kind, ...request.params } as const
    const found = await links.find(link)
    if (!found.ok) return refuse(request, reply, found.error)
    const used = await follow(link, { action: 'email-verified', request }, async ({ userid, email }) => {
      const changed = await directory.setEmail(userid, email)
      // Whoever reads the mail of the address before has no say any more.
      if (changed.ok) await links.takeBack(userid, ['activate', 'reset', 'verify'])
      return changed
    })
    if (!used.ok) return refuse(request, reply, used.error)
    const { userid } = found.value
    return send(request, reply, { body: { userid }, page: verifiedPage(userid) })
  })
}

/** Mail programs look at links before people do: `GET` shows a form, and `POST` does it. */
function passwordRoutes(
  app: Server,
  {
    directory,
    links,
    kind,
    action,
  }: LinkOptions & { kind: Exclude<LinkKind, 'verify'>; action: AuditAction },
  follow: Follow,
): void {
  const path = `/${LINK_PATHS[kind]}/:userid/:code`

  const look = { params: LinkParams, response: { 200: ANSWERS.link } }
  app.get(path, { schema: look, errorHandler: linkError }, async (request, reply) => {
    const found = await links.find({ kind, ...request.params })
    if (!found.ok) return refuse(request, reply, found.error)
    const { userid } = found.value
    return send(request, reply, { body: { userid }, page: passwordPage(kind, userid) })
  })

  const set = { params: LinkParams, response: { 200: ANSWERS['logged-in'] } }
  app.post(path, { schema: set, errorHandler: linkError }, async (request, reply) => {
    const link = { kind, ...request.params }
    const found = await links.find(link)
    if (!found.ok) return refuse(request, reply, found.error)
    const { userid } = found.value
    // Not from the query: a URL is no place for a password.
    const password = parseNewPassword(request.body === UNREADABLE ? undefined : request.body)
    if (!password.ok) {
      const { error } = password
      return send(request, reply, { status: 400, body: { error }, page: passwordPage(kind, userid, error) })
    }
    const used = await follow(link, { action, request }, async () => {
      const changed = await directory.setPassword(userid, password.value)
      if (changed.ok) await links.takeBack(userid, ['activate', 'reset'])
      return changed
    })
    const subject = used.ok ? await directory.subject(userid) : undefined
    if (!subject) return refuse(request, reply, used.ok ? 'NONE' : used.error)
    const { token } = app.tokens.issue(subject, { ttlSeconds: TOKEN_SECONDS })
    return send(request, reply, { body: { token, userid }, page: passwordSetPage(userid) })
  })
}
