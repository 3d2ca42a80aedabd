import type { LoginGuard } from '@switchboard/auth/login-guard'
import { whenGone } from '@switchboard/auth/when-gone'
import { tooMany, unavailable } from '@switchboard/kit/http-error'
import type { Server } from '@switchboard/kit/server'
import { checker } from '@switchboard/protocol/decode'
import { ANSWERS, type AuthError, REQUESTS, TOKEN_SECONDS } from '@switchboard/protocol/nemesis'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Directory } from '../directory.ts'
import { mayWork } from '../domain/rights.ts'
import { TOKEN_PLACES } from './leader.ts'
import { readParameters } from './parameters.ts'

export interface SessionOptions {
  directory: Pick<Directory, 'authenticate' | 'person'>
  guard: LoginGuard
  /** `/deauth` tells what it did. */
  debug: boolean
}

const checkCredentials = checker(REQUESTS.auth)

export function sessionRoutes(app: Server, { directory, guard, debug }: SessionOptions): void {
  app.post(
    '/auth',
    { schema: { response: { 200: ANSWERS.token, 403: ANSWERS['auth-error'] } } },
    async (request, reply) => {
      const refuse = (error: AuthError) => reply.code(403).send({ error })
      const parameters = readParameters(request)
      const credentials = parameters.ok ? checkCredentials(parameters.value) : parameters
      // What is missing is no failed log-in: nobody's password was tried.
      if (!credentials.ok || credentials.value.username === '') return refuse('invalid credentials')
      const { username: name, password } = credentials.value
      const attempt = { name, address: request.ip, signal: whenGone(reply.raw) }
      const account = await guard.attempt(attempt, () => directory.authenticate(name, password))
      if (!account.ok) {
        if (typeof account.error === 'object') throw tooMany(account.error.retryAfterSeconds)
        return refuse('invalid credentials')
      }
      const college = mayWork(await directory.person(account.value.username))
      if (!college.ok) return refuse(college.error)
      return { token: app.tokens.issue(account.value, { ttlSeconds: TOKEN_SECONDS }).token }
    },
  )

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
    return answerDeauth(reply, who.ok && (await app.tokens.revoke(who.value)))
  })
}
