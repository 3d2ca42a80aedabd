import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '../src/account.ts'
import { type House, openHouse, SECRET } from './support/house.ts'
import { expectOk, expectRefused } from './support/result.ts'

let house: House
let app: FastifyInstance
let alice: Account
beforeAll(async () => {
  house = await openHouse()
  app = await house.app()
  alice = await house.person()
})
afterAll(() => house[Symbol.asyncDispose]())

const DAY = { ttlSeconds: 24 * 60 * 60 }

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (token: string, part: 0 | 1): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString())
const hmac = (input: string, secret: string, hash: string) =>
  createHmac(hash, secret).update(input).digest('base64url')

/** A token made by hand, signed right with the real secret unless told otherwise. */
function forge({
  header = {},
  claims = {},
  secret = SECRET,
  hash = 'sha256',
}: {
  header?: object
  claims?: object
  secret?: string
  hash?: string
}): string {
  const { token } = app.tokens.issue(alice, DAY)
  const input = `${encode({ ...decode(token, 0), ...header })}.${encode({ ...decode(token, 1), ...claims })}`
  return `${input}.${hmac(input, secret, hash)}`
}

describe('a token', () => {
  test('says who, for how long and for what, and is verified with what it says', async () => {
    const before = Math.floor(Date.now() / 1000)
    const { token, expiresAt, who } = app.tokens.issue(alice, { ...DAY, ide: 'my ide' })
    expect(decode(token, 0)).toEqual({ alg: 'HS256', typ: 'JWT', kid: expect.stringMatching(/^[\w-]{8}$/) })
    const claims = decode(token, 1)
    expect(claims).toEqual({
      sub: String(alice.id),
      name: alice.username,
      iat: expect.any(Number),
      exp: Number(claims['iat']) + DAY.ttlSeconds,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      aud: 'switchboard',
      gen: 0,
      ide: 'my ide',
    })
    expect(claims['iat']).toBeGreaterThanOrEqual(before)
    expect(expiresAt).toBe(Number(claims['exp']) * 1000)
    const verified = expectOk(await app.tokens.verify(token))
    expect(verified).toEqual({ ...who, checkedAt: expect.any(Number) })
    expect(verified).toMatchObject({ accountId: alice.id, name: alice.username, ide: 'my ide' })
  })

  test('no two are the same', () => {
    const tokens = Array.from({ length: 100 }, () => app.tokens.issue(alice, DAY).token)
    expect(new Set(tokens).size).toBe(100)
  })

  test('whatever its name, IDE and lifetime, what went in comes out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 64 }),
        fc.option(fc.string({ unit: 'grapheme', maxLength: 64 }), { nil: undefined }),
        fc.integer({ min: 1, max: 1_000_000 }),
        async (username, ide, ttlSeconds) => {
          const { token, who } = app.tokens.issue({ ...alice, username }, { ttlSeconds, ide })
          const verified = expectOk(await app.tokens.verify(token))
          expect({ ...verified, checkedAt: 0 }).toEqual({ ...who, checkedAt: 0 })
          expect([verified.name, verified.ide]).toEqual([username, ide])
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('refused', () => {
  test('a token made by hand with the real secret is good, so each forgery below fails for its own reason', async () => {
    expect((await app.tokens.verify(forge({}))).ok).toBe(true)
  })

  test.each<[string, () => string]>([
    ['an unsigned token', () => forge({ header: { alg: 'none' } })],
    [
      'an unsigned token without a signature',
      () => `${forge({ header: { alg: 'none' } }).replace(/[^.]*$/, '')}`,
    ],
    ['a token without its signature', () => forge({}).replace(/[^.]*$/, '')],
    [
      'a token signed with another secret',
      () => forge({ secret: 'another secret of thirty-two bytes, too' }),
    ],
    ['a token that names a key that is not there', () => forge({ header: { kid: 'AAAAAAAA' } })],
    ['a token that names no key', () => forge({ header: { kid: undefined } })],
    ['a token whose key is a prototype name', () => forge({ header: { kid: '__proto__' } })],
    ['a token that names another algorithm', () => forge({ header: { alg: 'HS512' } })],
    [
      'a token signed with HS512 by the real secret',
      () => forge({ header: { alg: 'HS512' }, hash: 'sha512' }),
    ],
    [
      'a token signed with HS384 by the real secret',
      () => forge({ header: { alg: 'HS384' }, hash: 'sha384' }),
    ],
    ['a token for nemesis', () => forge({ claims: { aud: 'nemesis' } })],
    ['a token for several', () => forge({ claims: { aud: ['switchboard', 'nemesis'] } })],
    ['a token for nobody in particular', () => forge({ claims: { aud: undefined } })],
    ['a token that never ends', () => forge({ claims: { exp: undefined } })],
    ['a token whose end is a text', () => forge({ claims: { exp: '9999999999' } })],
    ['a token without an account', () => forge({ claims: { sub: undefined } })],
    ['a token whose account is a number', () => forge({ claims: { sub: alice.id } })],
    ['a token of account 0', () => forge({ claims: { sub: '0' } })],
    ['a token of an account that is not there', () => forge({ claims: { sub: '999999' } })],
    ['a token of an account past every id', () => forge({ claims: { sub: '9999999999' } })],
    ['a token without an id', () => forge({ claims: { jti: undefined } })],
    ['a token whose id is no UUID', () => forge({ claims: { jti: "'; DROP TABLE accounts.account; --" } })],
    ['a token without a generation', () => forge({ claims: { gen: undefined } })],
    ['a token of a generation to come', () => forge({ claims: { gen: 1 } })],
    ['a token with a critical extension', () => forge({ header: { crit: ['x'], x: 1 } })],
    ['a token that is good later', () => forge({ claims: { nbf: Math.floor(Date.now() / 1000) + 60 } })],
    ['a token with something behind it', () => `${forge({})}.x`],
    ['a token with white space in it', () => ` ${forge({})}`],
    ['a token of 10 MB', () => forge({ claims: { name: 'x'.repeat(10_000_000) } })],
  ])('%s', async (_, make) => {
    expect(expectRefused(await app.tokens.verify(make()))).toBe('INVALID')
  })

  test('a token signed with RS256 by a key of its own', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const good = app.tokens.issue(alice, DAY).token
    const input = `${encode({ ...decode(good, 0), alg: 'RS256' })}.${good.split('.')[1]}`
    const token = `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`
    expect(expectRefused(await app.tokens.verify(token))).toBe('INVALID')
  })

  test('a token from the moment at which it runs out', async () => {
    let now = 1_800_000_000_000
    const later = await house.app({ clock: () => now })
    const { token, expiresAt } = later.tokens.issue(alice, { ttlSeconds: 60 })
    expect(expiresAt).toBe(now + 60_000)
    now = expiresAt - 1
    expect((await later.tokens.verify(token)).ok).toBe(true)
    now = expiresAt
    expect(expectRefused(await later.tokens.verify(token))).toBe('INVALID')
  })

  test('no token at all is missing rather than invalid', async () => {
    expect(expectRefused(await app.tokens.verify(''))).toBe('MISSING')
  })

  test('any change of one character', async () => {
    const { token } = app.tokens.issue(alice, DAY)
    // The last character of a segment has bits that base64url does not use, so some changes there change nothing.
    const inner = [...token].flatMap((char, at) =>
      char === '.' || /^(\.|$)/.test(token.slice(at + 1)) ? [] : [at],
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...inner), fc.constantFrom(...'ABab01_-. é\0'), async (at, char) => {
        fc.pre(token[at] !== char)
        const changed = token.slice(0, at) + char + token.slice(at + 1)
        expect((await app.tokens.verify(changed)).ok).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  test('any text, without a word of complaint', async () => {
    const segment = fc.oneof(
      fc.string(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc.constant(app.tokens.issue(alice, DAY).token.split('.')[0] ?? ''),
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(segment, { maxLength: 4 }).map((all) => all.join('.')),
    )
    await fc.assert(
      fc.asyncProperty(text, async (token) => {
        expect(expectRefused(await app.tokens.verify(token))).toBe(token === '' ? 'MISSING' : 'INVALID')
      }),
      { numRuns: 500 },
    )
  })
})

describe('secrets', () => {
  const NEW = 'the newer secret of thirty-two bytes, or so'

  test('the first signs and all verify, so a secret can be replaced without logging anybody out', async () => {
    const before = await house.app({ secrets: [SECRET] })
    const between = await house.app({ secrets: [NEW, SECRET] })
    const after = await house.app({ secrets: [NEW] })
    const old = before.tokens.issue(alice, DAY).token
    const fresh = between.tokens.issue(alice, DAY).token
    expect((await between.tokens.verify(old)).ok).toBe(true)
    expect((await between.tokens.verify(fresh)).ok).toBe(true)
    expect((await after.tokens.verify(fresh)).ok).toBe(true)
    expect(expectRefused(await after.tokens.verify(old))).toBe('INVALID')
    expect(expectRefused(await before.tokens.verify(fresh))).toBe('INVALID')
  })

  test('a secret that is written twice is one', async () => {
    const twice = await house.app({ secrets: [SECRET, SECRET] })
    expect((await twice.tokens.verify(twice.tokens.issue(alice, DAY).token)).ok).toBe(true)
  })

  test.each([[[]], [['']], [[SECRET, '']]])('%j stops the start', async (secrets) => {
    await expect(house.app({ secrets })).rejects.toThrow('a token needs a secret')
  })
})

test('tokens of ide and chat are good in both, those of nemesis there alone', async () => {
  const chat = await house.app()
  const nemesis = await house.app({ audience: 'nemesis' })
  const token = app.tokens.issue(alice, DAY).token
  const nemesisToken = nemesis.tokens.issue(alice, DAY).token
  expect((await chat.tokens.verify(token)).ok).toBe(true)
  expect((await nemesis.tokens.verify(nemesisToken)).ok).toBe(true)
  expect(expectRefused(await nemesis.tokens.verify(token))).toBe('INVALID')
  expect(expectRefused(await chat.tokens.verify(nemesisToken))).toBe('INVALID')
})
