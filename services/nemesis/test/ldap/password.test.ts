import { type LiveSlapd, liveSlapd, SLAPD_MANAGER } from '@switchboard/testing/slapd'
import { Client } from 'ldapts'
import { describe, expect, it, test } from 'vitest'
import { createPace } from '../../src/ldap/pace.ts'
import { DEMO_LDIF, hasSlapd } from '../support/slapd.ts'
import { directoryAt, dnOf } from './support.ts'

const LEADER = 'teacher_coll1'

async function storedPassword({ url }: LiveSlapd): Promise<unknown> {
  await using client = new Client({ url })
  await client.bind(SLAPD_MANAGER.dn, SLAPD_MANAGER.password)
  const { searchEntries } = await client.search(dnOf(LEADER), { attributes: ['userPassword'] })
  return searchEntries[0]?.['userPassword']
}

describe.skipIf(!hasSlapd)('a new password', () => {
  it('is hashed by a server that offers it', async () => {
    await using slapd = await liveSlapd({ ldif: DEMO_LDIF })
    using directory = directoryAt(slapd)
    expect(await directory.setPassword(LEADER, 'Пароль 1')).toMatchObject({ ok: true })
    expect(await slapd.whoami(dnOf(LEADER), 'Пароль 1')).toBe(`dn:${dnOf(LEADER)}`)
    expect(await slapd.whoami(dnOf(LEADER), 'facebees')).toBe(undefined)
    expect(await storedPassword(slapd)).toMatch(/^\{SSHA\}/)
  })

  it.each([
    ['ssha512', /^\{SSHA512\}[\w+/]{107}=$/],
    ['argon2', /^\{ARGON2\}\$argon2id\$v=19\$m=19456,t=2,p=1\$/],
  ] as const)('is hashed as %s for a server that does not', async (passwordHash, stored) => {
    await using slapd = await liveSlapd({ ldif: DEMO_LDIF, passwordModify: false })
    using directory = directoryAt(slapd, { passwordHash })
    expect(await directory.setPassword(LEADER, 'Пароль 1')).toMatchObject({ ok: true })
    expect(await slapd.whoami(dnOf(LEADER), 'Пароль 1')).toBe(`dn:${dnOf(LEADER)}`)
    expect(await slapd.whoami(dnOf(LEADER), 'facebees')).toBe(undefined)
    expect(await storedPassword(slapd)).toMatch(stored)
    expect((await directory.authenticate(LEADER, 'Пароль 1')).ok).toBe(true)
  })
})

test('an unknown name takes as long as one of the last checks of a password', async () => {
  let now = 0
  const waits: number[] = []
  const pace = createPace(
    () => now,
    async (ms) => waits.push(ms),
  )
  await pace.pretend()
  expect(waits).toEqual([])
  for (let ms = 1; ms <= 40; ms++) {
    await pace.check(async () => {
      now += ms
    })
  }
  for (let times = 0; times < 1000; times++) await pace.pretend()
  // Of the 32 last.
  expect([Math.min(...waits), Math.max(...waits), new Set(waits).size]).toEqual([9, 40, 32])
})
