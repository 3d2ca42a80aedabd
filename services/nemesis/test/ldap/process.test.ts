import { fileURLToPath } from 'node:url'
import { livePostgres } from '@switchboard/testing/postgres'
import { runToEnd, start } from '@switchboard/testing/process'
import { findServer } from '@switchboard/testing/servers'
import { liveSlapd, SLAPD_MANAGER } from '@switchboard/testing/slapd'
import { tempDir } from '@switchboard/testing/temp'
import { describe, expect, it } from 'vitest'
import { LEADER, request, SECRET } from '../support/house.ts'
import { DEMO_LDIF, hasSlapd, ldapEnv } from '../support/slapd.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

describe.skipIf(!hasSlapd || !findServer('postgres'))('a process on LDAP', () => {
  it('writes no password and no address into its log, whatever happens, and ends with its connections', async () => {
    await using dir = await tempDir()
    await using postgres = await livePostgres()
    await using slapd = await liveSlapd({ ldif: DEMO_LDIF })
    const env = {
      DATABASE_URL: await postgres.createDatabase(),
      DATA_DIR: dir.path,
      JWT_SECRET: SECRET,
      LOG_LEVEL: 'trace',
      ...ldapEnv(slapd),
    }
    await using nemesis = await start(MAIN, env)
    const post = (path: string, fields: Record<string, string>) =>
      request(`${nemesis.url}${path}`, { method: 'POST', body: new URLSearchParams(fields) })
    const { body } = await post('/auth', LEADER)
    const { token } = body as { token: string }
    const everything = () =>
      Promise.all([
        post('/auth', LEADER),
        post('/auth', { ...LEADER, password: 'a wrong secret' }),
        post('/user/student_coll1_1', { token, email: 'address@example.org' }),
        post('/user/student_coll1_1', { token, email: 'ädress@example.org' }),
        post('/user/student_coll1_2', { token, password: 'a new secret' }),
      ])
    const statuses = async () => (await everything()).map(({ status }) => status)
    expect(await statuses()).toEqual([200, 403, 200, 400, 200])
    await slapd.stop()
    expect(await statuses()).toEqual([503, 503, 503, 503, 503])
    await slapd.start()
    expect((await post('/auth', LEADER)).status).toBe(200)

    expect(nemesis.output()).toContain('the LDAP server cannot be used')
    for (const secret of ['secret', 'facebees', 'dress@', SLAPD_MANAGER.password])
      expect(nemesis.output()).not.toContain(secret)
    expect(await nemesis.stop('SIGTERM')).toEqual({ code: 0, signal: null })
  })

  it('ends at once with one line where the server does not take its manager', async () => {
    await using postgres = await livePostgres()
    await using slapd = await liveSlapd({ ldif: DEMO_LDIF })
    const DATABASE_URL = await postgres.createDatabase()
    const env = { ...ldapEnv(slapd), DATABASE_URL, LDAP_MANAGER_PASSWORD: 'a wrong secret' }
    const { code, output } = await runToEnd(MAIN, { ...env, JWT_SECRET: SECRET, LOG_LEVEL: 'silent' })
    expect(code).not.toBe(0)
    expect(output.trim().split('\n')).toEqual([expect.stringMatching(/LDAP_URL: .*LDAP_MANAGER_DN/)])
  })
})
