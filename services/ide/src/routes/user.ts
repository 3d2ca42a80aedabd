import type { Account } from '@switchboard/auth/account'
import type { Accounts } from '@switchboard/auth/accounts'
import type { LoginGuard } from '@switchboard/auth/login-guard'
import { whenGone } from '@switchboard/auth/when-gone'
import { HttpError, tooMany } from '@switchboard/kit/http-error'
import type { Counter } from '@switchboard/kit/limits'
import type { Server } from '@switchboard/kit/server'
import { ANSWERS, LOGGED_IN, parseSpace, REQUESTS } from '@switchboard/protocol/ide'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { whoAsks } from './who.ts'

export interface UserOptions {
  accounts: Accounts
  guard: LoginGuard
  /** By address. */
  signUps: Counter
}

const TOKEN_TTL_SECONDS = 24 * 60 * 60

const TAKEN = new Set(['USER_EXISTS', 'EMAIL_EXISTS'])

export function userRoutes(app: Server, { accounts, guard, signUps }: UserOptions): void {
  /** One answer for an unknown user and a wrong password. */
  async function logIn(
    request: FastifyRequest,
    reply: FastifyReply,
    { username: name, password }: { username: string; password: string },
  ): Promise<Account> {
    const attempt = { name, address: request.ip, signal: whenGone(reply.raw) }
    const account = await guard.attempt(attempt, () => accounts.verify(name, password))
    if (account.ok) return account.value
    if (typeof account.error === 'object') throw tooMany(account.error.retryAfterSeconds)
    throw new HttpError('UNAUTHORIZED', 'unknown user or wrong password')
  }

  const remember = (reply: FastifyReply, account: Account) =>
    reply.setTokenCookie(app.tokens.issue(account, { ttlSeconds: TOKEN_TTL_SECONDS }))

  app.post(
    '/api/v1/user/auth',
    { schema: { body: REQUESTS.auth, response: { 200: ANSWERS.token } } },
    async (request, reply) => {
      const { ide_id: ide } = request.body
      const space = parseSpace(ide)
      if (ide !== '' && !space.ok) throw new HttpError('BAD_BINDING', `ide_id: ${space.error}`)
      const account = await logIn(request, reply, request.body)
      const { token, expiresAt } = app.tokens.issue(account, { ttlSeconds: TOKEN_TTL_SECONDS, ide })
      return { token, expires: expiresAt }
    },
  )

  app.post(
    '/api/v1/user/login',
    { schema: { body: REQUESTS.login, response: { 200: ANSWERS.good } } },
    async (request, reply) => {
      remember(reply, await logIn(request, reply, request.body))
      return LOGGED_IN
    },
  )

  app.post(
    '/api/v1/user/signup',
    { schema: { body: REQUESTS.signup, response: { 200: ANSWERS.good } } },
    async (request, reply) => {
      const wait = await signUps.take(request.ip)
      if (wait > 0) throw tooMany(wait)
      const account = await accounts.create(request.body)
      if (!account.ok) {
        const { code, message } = account.error
        throw TAKEN.has(code)
          ? new HttpError('USER_EXISTS', message, { status: 409 })
          : new HttpError('BAD_BINDING', message)
      }
      remember(reply, account.value)
      return LOGGED_IN
    },
  )

  app.post('/api/v1/user/logout', { schema: { response: { 200: ANSWERS.good } } }, async (request, reply) => {
    await app.tokens.revoke(await whoAsks(request))
    reply.clearTokenCookie()
    return { good: 'You logged out.' }
  })
}
