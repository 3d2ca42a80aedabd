import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { describe, expect, it } from 'vitest'
import { ANSWERS, FIELD_MAX, parseChange, parseField, parseRegistration, REQUESTS } from '../src/nemesis.ts'
import {
  parseApproval,
  parseAuditQuery,
  parseImport,
  parseNewPassword,
  parseRegistrationId,
  parseRegistrationsQuery,
  parseRejection,
  parseReset,
} from '../src/nemesis-requests.ts'
import type { Result } from '../src/result.ts'
import { readVectors, vectorsObey } from './vectors.ts'

const vectors = readVectors('nemesis')
const SCHEMAS: Record<string, Record<string, TSchema>> = { request: REQUESTS, answer: ANSWERS }
const PARSERS: Record<string, (parameters: unknown) => Result<unknown>> = {
  change: parseChange,
  registration: parseRegistration,
  audit: parseAuditQuery,
  registrations: parseRegistrationsQuery,
  approval: parseApproval,
  rejection: parseRejection,
  import: parseImport,
  reset: parseReset,
  'new-password': parseNewPassword,
}

describe('the vectors of the spec page', () => {
  const good = vectors.filter(({ way }) => way !== 'bad')
  vectorsObey(good, SCHEMAS)

  it.each(good.filter(({ way, name }) => way === 'request' && name in PARSERS))(
    'request $name is taken',
    ({ name, json }) => {
      expect(PARSERS[name]?.(JSON.parse(json))).toMatchObject({ ok: true })
    },
  )

  it.each(vectors.filter(({ way }) => way === 'bad'))(
    'refuse every bad $name, and say why',
    ({ name, json }) => {
      const bodies = JSON.parse(json) as unknown[]
      expect(bodies.length).toBeGreaterThan(10)
      for (const body of bodies) {
        const parsed = PARSERS[name]?.(body)
        if (!parsed || parsed.ok) throw new Error(`taken: ${JSON.stringify(body)}`)
        expect(parsed.error).not.toBe('')
      }
    },
  )
})

const ADA = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.org', team: 'team-ABC' }

describe('a registration', () => {
  it('is trimmed, and its Unicode kept', () => {
    const given = {
      first_name: '\u3000 José\t',
      last_name: ' Смирнов-日本 ',
      email: ' ada@example.org\n',
      team: ' "; --',
    }
    expect(parseRegistration(given)).toEqual({
      ok: true,
      value: { first_name: 'José', last_name: 'Смирнов-日本', email: 'ada@example.org', team: '"; --' },
    })
  })

  it('names the field that is wrong', () => {
    expect(parseRegistration({ ...ADA, last_name: ' ' })).toEqual({
      ok: false,
      error: 'last_name: must not be empty',
    })
    const { team: _team, ...rest } = ADA
    expect(parseRegistration(rest)).toMatchObject({
      ok: false,
      error: expect.stringContaining('team') as string,
    })
  })

  it('is the same after it was taken once, whatever it is', () => {
    const field = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(
        fc.record({ first_name: field, last_name: field, email: fc.emailAddress(), team: field }),
        (given) => {
          const once = parseRegistration(given)
          if (once.ok) expect(parseRegistration(JSON.parse(JSON.stringify(once.value)))).toEqual(once)
        },
      ),
    )
  })
})

describe('a field', () => {
  it('has 256 characters at most, counted as code points', () => {
    for (const letter of ['x', '𝒳']) {
      expect(parseField(letter.repeat(FIELD_MAX)).ok).toBe(true)
      expect(parseField(letter.repeat(FIELD_MAX + 1)).ok).toBe(false)
    }
  })

  it('may hold what scripts join letters with', () => {
    for (const name of ['می‌خواهم', '__proto__', "Robert'); DROP TABLE", '=1+1'])
      expect(parseField(name)).toEqual({ ok: true, value: name })
  })
})

describe('a question to the audit', () => {
  it('is for 100 entries unless told, and has numbers', () => {
    expect(parseAuditQuery({ token: 'x', before: '', count: '' })).toEqual({
      ok: true,
      value: { count: 100 },
    })
    expect(parseAuditQuery({ before: '12', count: '500', actor: 'ada', action: 'log-in' })).toEqual({
      ok: true,
      value: { before: 12, count: 500, actor: 'ada', action: 'log-in' },
    })
  })
})

describe('a question to the queue', () => {
  it('is for the first 50 that wait unless told', () => {
    expect(parseRegistrationsQuery({ token: 'x', state: '', after: '', count: '', format: '' })).toEqual({
      ok: true,
      value: { state: 'waiting', after: 0, count: 50, csv: false },
    })
    expect(parseRegistrationsQuery({ state: 'all', after: '7', count: '200', format: 'csv' })).toEqual({
      ok: true,
      value: { state: undefined, after: 7, count: 200, csv: true },
    })
  })

  it('names a registration by a number that the database can hold', () => {
    expect(parseRegistrationId('2147483647')).toEqual({ ok: true, value: 2147483647 })
    for (const id of ['0', '-1', '1.5', '1e3', '0x1', ' 1', '2147483648', '', 'x', '١'])
      expect(parseRegistrationId(id), id).toMatchObject({ ok: false })
  })
})

describe('a change', () => {
  it('keeps only what is to change, and the password byte for byte', () => {
    expect(parseChange({ password: '  ', token: 'x' })).toEqual({ ok: true, value: { password: '  ' } })
    expect(parseChange({ email: ' a@example.org ' })).toEqual({ ok: true, value: { email: 'a@example.org' } })
  })

  it('with a password of 1,024 bytes is possible, with one more it is not', () => {
    expect(parseChange({ password: 'ä'.repeat(512) }).ok).toBe(true)
    expect(parseChange({ password: `${'ä'.repeat(512)}x` }).ok).toBe(false)
  })
})

it('parameters that are anything at all never make a parser throw', () => {
  const anything = fc.oneof(fc.anything(), fc.record({ email: fc.anything(), password: fc.anything() }))
  fc.assert(
    fc.property(anything, (parameters) => {
      for (const parse of Object.values(PARSERS)) expect(parse(parameters)).toHaveProperty('ok')
    }),
  )
})
