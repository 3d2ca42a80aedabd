import { liveSlapd } from '@switchboard/testing/slapd'
import { describe, expect, it } from 'vitest'
import { openHouse, request } from '../support/house.ts'
import { linkMaker } from '../support/links.ts'
import { DEMO_LDIF, hasSlapd, ldapEnv } from '../support/slapd.ts'

describe.skipIf(!hasSlapd)('while the LDAP server is away', () => {
  it('a mailed link is 503 and not used up, and works once it is back', async () => {
    await using slapd = await liveSlapd({ ldif: DEMO_LDIF })
    await using house = await openHouse()
    const nemesis = await house.process(ldapEnv(slapd))
    await using links = linkMaker(house)
    const userid = 'student_coll1_1'
    const paths = await Promise.all([
      links.make({ kind: 'reset', userid }),
      links.make({ kind: 'activate', userid }),
      links.make({ kind: 'verify', userid, email: 'verified@example.org' }),
    ])
    const [reset = '', activate = '', verify = ''] = paths
    const away = { status: 503, body: { error: expect.stringMatching(/./) as string } }
    const follow = (path: string) => nemesis.post(path, { password: 'battery staple' })

    await slapd.stop()
    expect(await follow(reset)).toMatchObject(away)
    expect(await follow(activate)).toMatchObject(away)
    expect(await nemesis.get(verify)).toMatchObject(away)
    const page = await request(`${nemesis.server.url}${verify}`, { headers: { accept: 'text/html' } })
    expect([page.status, page.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8'])
    // Whether there is such a person makes no difference.
    for (const username of [userid, 'nobody'])
      expect(await nemesis.post('/reset_password', { username })).toMatchObject(away)

    await slapd.start()
    expect((await follow(reset)).status).toBe(200)
    const mine = { username: userid, password: 'battery staple', scope: 'self' }
    expect((await nemesis.post('/auth', mine)).status).toBe(200)
    expect((await follow(activate)).status).toBe(404)
    expect((await nemesis.get(verify)).status).toBe(200)
  })
})
