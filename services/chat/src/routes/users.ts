import type { Account } from '@switchboard/auth/account'
import type { Accounts } from '@switchboard/auth/accounts'
import { isRateLimited, type LoginGuard } from '@switchboard/auth/login-guard'
import { whenGone } from '@switchboard/auth/when-gone'
import { HttpError, tooMany } from '@switchboard/kit/http-error'
import type { Counter } from '@switchboard/kit/limits'
import type { Server } from '@switchboard/kit/server'
import { ANSWERS, REQUESTS } from '@switchboard/protocol/chat'
import { success } from './answers.ts'
import { parseId } from './ids.ts'

export interface UserOptions {
  accounts: Accounts
  guard: LoginGuard
  /** By address. */
  signUps: Counter
  /** A log-in with an unknown name is answered like one with a wrong password. */
  hideUnknownUsers: boolean
}

const TOKEN_TTL_SECONDS = 72 * 60 * 60

const userOf = ({ id, username }: Account) => ({ id, username })

/** How this service names what `accounts` refuses. */
const CREATE_ERRORS = {
  BAD_USERNAME: 'BAD_USERNAME',
  BAD_PASSWORD: 'BAD_PASSWORD',
  USER_EXISTS: 'USER_EXISTS',
  BAD_EMAIL: 'BAD_BINDING',
  EMAIL_EXISTS: 'BAD_BINDING',
} as const

export function userRoutes(app: Server, { accounts, guard, signUps, hideUnknownUsers }: UserOptions): void {
  app.post(
    '/api/v1/users',
    { schema: { body: REQUESTS.credentials, response: { 201: ANSWERS.user } } },
    async (request, reply) => {
      const wait = await signUps.take(request.ip)
      if (wait > 0) throw tooMany(wait)
      const { username, secret } = request.body
      const account = await accounts.create({ username, password: secret })
      if (!account.ok) throw new HttpError(CREATE_ERRORS[account.error.code], account.error.message)
      reply.code(201)
      return success(userOf(account.value))
    },
  )

  app.post(
    '/api/v1/login',
    { schema: { body: REQUESTS.credentials, response: { 200: ANSWERS['logged-in'] } } },
    async (request, reply) => {
      const { username: name, secret } = request.body
      const attempt = { name, address: request.ip, signal: whenGone(reply.raw) }
      const account = await guard.attempt(attempt, () => accounts.verify(name, secret))
      if (account.ok) {
        const { token } = app.tokens.issue(account.value, { ttlSeconds: TOKEN_TTL_SECONDS })
        return success({ token, user: userOf(account.value) })
      }
      if (isRateLimited(account.error)) throw tooMany(account.error.retryAfterSeconds)
      if (account.error === 'USER_NOT_FOUND' && !hideUnknownUsers) {
        throw new HttpError('USER_NOT_FOUND', 'nobody has that name')
      }
      throw new HttpError('PASSWORD_MATCH_FAILED', 'name and password do not match')
    },
  )

  app.get<{ Params: { id: string } }>(
    '/api/v1/users/:id',
    { schema: { response: { 200: ANSWERS.user } } },
    async (request) => {
      const account = await accounts.byId(parseId(request.params.id))
      if (!account) throw new HttpError('USER_NOT_FOUND', 'there is no such user', { status: 404 })
      return success(userOf(account))
    },
  )
}
