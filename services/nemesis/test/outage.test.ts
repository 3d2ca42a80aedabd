import { livePostgres } from '@switchboard/testing/postgres'
import { expect, it } from 'vitest'
import { onEachDirectory } from './support/each-directory.ts'
import { LEADER, openHouse, request } from './support/house.ts'

onEachDirectory((directory) => {
  it('while the database is away everything that needs it is 503, and goes on when it is back', async () => {
    await using postgres = await livePostgres()
    await using house = await openHouse({ directory, url: await postgres.createDatabase() })
    const nemesis = await house.process()
    const token = await nemesis.token()
    await postgres.stop()

    const away = { status: 503, body: { error: expect.stringMatching(/./) as string } }
    expect(await nemesis.post('/auth', LEADER)).toMatchObject(away)
    expect(await nemesis.get('/college', token)).toMatchObject(away)
    expect(await nemesis.get('/user/student_coll1_1', token)).toMatchObject(away)
    expect(await nemesis.post('/user/student_coll1_1', { password: 'x' }, token)).toMatchObject(away)
    expect(await nemesis.post('/user/register', {}, token)).toMatchObject(away)
    expect(await nemesis.post('/deauth', { token })).toMatchObject(away)
    // What needs nobody's word is answered as ever.
    expect(await nemesis.get('/college', 'nonsense')).toMatchObject({ status: 403, body: {} })
    expect(await nemesis.post('/deauth', { token: 'nonsense' })).toMatchObject({ status: 200, text: '' })
    expect((await nemesis.get('/site/sha')).status).toBe(200)
    const probe = (path: string) => request(`${nemesis.server.url}${path}`)
    expect((await probe('/healthz')).status).toBe(200)
    expect((await probe('/readyz')).status).toBe(503)

    await postgres.start()
    expect((await nemesis.get('/college', token)).status).toBe(200)
    expect((await probe('/readyz')).status).toBe(200)
    expect(await nemesis.token()).toBeTypeOf('string')
  })
})
