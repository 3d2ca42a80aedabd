import { isRateLimited, type LoginGuard } from '@switchboard/auth/login-guard'
import { whenGone } from '@switchboard/auth/when-gone'
import { tooMany, unavailable } from '@switchboard/kit/http-error'
import type { Limits } from '@switchboard/kit/limits'
import type { Server } from '@switchboard/kit/server'
import { checker } from '@switchboard/protocol/decode'
import { ANSWERS, type AuthError, REQUESTS, TOKEN_SECONDS } from '@switchboard/protocol/nemesis'
import { err, ok } from '@switchboard/protocol/result'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Directory } from '../directory.ts'
import { mayServeSelf, mayWork } from '../domain/rights.ts'
import { TOKEN_PLACES } from './leader.ts'
import { logInAudit } from './log-in-audit.ts'
import { readParameters } from './parameters.ts'

export interface SessionOptions {
  directory: Pick<Directory, 'authenticate' | 'person'>
  guard: LoginGuard
  audit: Pick<Audit, 'record'>
  limits: Pick<Limits, 'counter'>
  /** `/deauth` tells what it did. */
  debug: boolean
}

const checkCredentials = checker(REQUESTS.auth)

export function sessionRoutes(app: Server, options: SessionOptions): void {
  logInRoute(app, options)
  logOutRoute(app, options)
}

function logInRoute(app: Server, { directory, guard, audit, limits }: SessionOptions): void {
  const tell = logInAudit(audit, limits)

  /** The subject of a right password, and the person if there is one; else the person whose password it was not. */
  async function check(name: string, password: string) {
    // At once: what an answer takes tells nobody whether there is such a person.
    const both = [directory.authenticate(name, password), directory.person(name)] as const
    const [subject, person] = await Promise.all(both)
    return subject.ok ? ok({ subject: subject.value, person }) : err({ userid: person?.userid })
  }

  app.post(
    '/auth',
    { schema: { response: { 200: ANSWERS.token, 403: ANSWERS['auth-error'] } } },
    async (request, reply) => {
      const refuse = (error: AuthError) => reply.code(403).send({ error })
      const parameters = readParameters(request)
      const credentials = parameters.ok ? checkCredentials(parameters.value) : parameters
      // What is missing is no failed log-in: nobody's password was tried.
      if (!credentials.ok || credentials.value.username === '') return refuse('invalid credentials')
      const { username: name, password, scope } = credentials.value
      const address = request.ip
      const attempt = { name, address, signal: whenGone(reply.raw) }
      const tried = await guard.attempt(attempt, () => check(name, password))
      if (!tried.ok) {
        const { error } = tried
        if (isRateLimited(error)) {
          await tell.limited(address)
          throw tooMany(error.retryAfterSeconds)
        }
        await tell.failed(error.userid, address, 'invalid credentials')
        return refuse('invalid credentials')
      }
      const { subject, person } = tried.value
      const college = mayWork(person)
      const isForSelf = scope === 'self' && person !== undefined && mayServeSelf(person)
      if (!college.ok && !isForSelf) {
        await tell.failed(subject.username, address, college.error)
        return refuse(college.error)
      }
      await tell.succeeded(subject.username, address)
      return { token: app.tokens.issue(subject, { ttlSeconds: TOKEN_SECONDS }).token }
    },
  )
}

function logOutRoute(app: Server, { audit, debug }: SessionOptions): void {
  const answerDeauth = (reply: FastifyReply, deleted: boolean) =>
    reply.code(200).send(debug ? { deleted } : undefined)

  /** What Fastify refuses to read is answered with 200 too. What is our own fault is not: the token may still be good. */
  function deauthError(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (error.statusCode === undefined || error.statusCode >= 500) throw error
    return answerDeauth(reply, false)
  }

  app.post('/deauth', { errorHandler: deauthError }, async (request, reply) => {
    const who = await request.identify(TOKEN_PLACES)
    if (!who.ok && who.error === 'UNAVAILABLE') throw unavailable()
    if (who.ok) await audit.record({ actor: who.value.name, action: 'log-out', address: request.ip })
    return answerDeauth(reply, who.ok && (await app.tokens.revoke(who.value)))
  })
}
