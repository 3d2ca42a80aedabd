import { createHash } from 'node:crypto'
import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import { memoryLimits } from '@switchboard/kit/limits'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLoginGuard } from '../src/login-guard.ts'
import { type House, openHouse, SECRET } from './support/house.ts'
import { TOKEN_STATUS } from './support/token-status.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house[Symbol.asyncDispose]())

const PASSWORD = 'correct horse battery staple'

/** A logger's options, and all that was logged with them. */
function log() {
  let text = ''
  const stream = new Writable({
    write(chunk, _, done) {
      text += chunk
      done()
    },
  })
  return { options: { level: 'trace', stream }, text: () => text }
}

test('neither a failing database nor a failing log-in writes a token, a password or a hash anywhere', async () => {
  const lines = log()
  const app = await house.app({}, { logger: lines.options })
  const { accounts } = house.process()
  const guard = createLoginGuard({ limits: memoryLimits({ on: true }) })
  app.get('/who', async (request, reply) => {
    const who = await request.identify({ bearer: true, cookie: true })
    return reply.code(who.ok ? 200 : TOKEN_STATUS[who.error]).send(who)
  })
  app.post('/login', () =>
    guard.attempt({ name: 'mallory', address: 'here' }, () => accounts.verify('mallory', PASSWORD)),
  )
  app.post('/signup', () => accounts.create({ username: 'mallory', password: PASSWORD }))
  const alice = await house.person()
  const { token, who } = app.tokens.issue(alice, { ttlSeconds: 60 })
  app.post('/logout', () => app.tokens.revoke(who))
  const headers = { authorization: `Bearer ${token}` }

  expect((await app.inject({ url: '/who', headers })).statusCode).toBe(200)
  // What a database answers when something is wrong with it: each call below now fails inside Prisma.
  await house.database.transaction((session) => session.script('ALTER SCHEMA accounts RENAME TO elsewhere'))
  const answers = [
    await app.inject({ url: '/who', headers }),
    await app.inject({ url: '/who', headers: { cookie: `token=${token}` } }),
    await app.inject({ method: 'POST', url: '/login' }),
    await app.inject({ method: 'POST', url: '/signup' }),
    await app.inject({ method: 'POST', url: '/logout' }),
  ]
  await house.database.transaction((session) => session.script('ALTER SCHEMA elsewhere RENAME TO accounts'))

  expect(answers.map(({ statusCode }) => statusCode)).toEqual([503, 503, 500, 500, 500])
  expect(lines.text()).toContain('revoked tokens could not be looked up')
  const said = lines.text() + answers.map(({ body }) => body).join()
  const [, , signature = ''] = token.split('.')
  for (const secret of [token, signature, PASSWORD, SECRET, '$argon2id']) expect(said).not.toContain(secret)
})

test('a row that the database refuses is quoted nowhere', async () => {
  const { accounts } = house.process()
  const { id } = await house.person()
  await house.database.transaction((session) =>
    session.script('ALTER TABLE accounts.account ADD CONSTRAINT shut CHECK (generation < 0) NOT VALID'),
  )
  const errors = await Promise.all(
    [
      accounts.create({ username: 'mallory', password: PASSWORD }),
      accounts.setPassword(id, PASSWORD),
      accounts.setEmail(id, 'person@example.org'),
    ].map((refused) => refused.catch((error: unknown) => error)),
  )
  await house.database.transaction((session) =>
    session.script('ALTER TABLE accounts.account DROP CONSTRAINT shut'),
  )
  for (const error of errors) {
    expect(error).toBeInstanceOf(Error)
    const said = inspect(error, { depth: 10 }) + JSON.stringify(error)
    expect(said).toContain('violates check constraint')
    expect(said).not.toContain(PASSWORD)
    expect(said).not.toContain('$argon2id')
  }
})

test('the id of a key in a token’s header is no plain hash of the secret', async () => {
  const app = await house.app()
  const { token } = app.tokens.issue(await house.person(), { ttlSeconds: 60 })
  const { kid } = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
  expect(createHash('sha256').update(SECRET).digest('base64url')).not.toContain(kid)
})
