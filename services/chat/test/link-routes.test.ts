import { MemoryBroker } from '@switchboard/hub/broker-memory'
import { LINKS_MAX } from '@switchboard/protocol/chat'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failure, get, post, remove } from './support/http.ts'
import { type Installation, install } from './support/installation.ts'
import { type Outside, openOutside } from './support/outside.ts'
import { join, type Person, signUp } from './support/people.ts'

let installation: Installation
let outside: Outside
let url: string
let alice: Person
let bob: Person
beforeAll(async () => {
  installation = await install()
  outside = await openOutside(new MemoryBroker(installation.bus))
  url = installation.first.url
  alice = await signUp(url, 'alice')
  bob = await signUp(url, 'bob')
})
afterAll(async () => {
  await outside[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

const linksOf = (room: string) => `${url}/api/v1/rooms/${room}/links`
const link = (room: string, body: unknown, { token } = alice) =>
  post<Record<string, unknown>>(linksOf(room), body, { authorization: `Bearer ${token}` })

async function enter(room: string, person?: Person, wsUrl = installation.first.wsUrl): Promise<void> {
  await using _member = await join(wsUrl, room, person ? { token: person.token } : {})
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

describe("a room's owner", () => {
  it('is the account that first entered it with a token; guests before do not count', async () => {
    await enter('owned')
    await enter('owned', alice)
    await enter('owned', bob)
    const body = { kind: 'channel', name: 'django' }
    expect(await link('owned', body, bob)).toMatchObject(failure(403, 'FORBIDDEN'))
    expect((await link('owned', body)).status).toBe(201)
    expect(await remove(linksOf('owned'), bob.token, body)).toMatchObject(failure(403, 'FORBIDDEN'))
    expect(await get(linksOf('owned'), bob.token)).toMatchObject({ status: 200, data: [{ name: 'django' }] })
  })

  it('is exactly one of those who enter at the same time, in whatever process', async () => {
    await using second = await installation.start('owners')
    const people = await Promise.all(Array.from({ length: 6 }, (_, i) => signUp(url, `owner-${i}`)))
    for (const before of ['nobody', 'a guest']) {
      const room = `rush-${before.replace(' ', '-')}`
      if (before === 'a guest') await enter(room)
      await Promise.all(
        people.map((person, i) => enter(room, person, (i % 2 ? second : installation.first).wsUrl)),
      )
      const answers = await Promise.all(people.map((one) => link(room, { kind: 'channel', name: 'x' }, one)))
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 403, 403, 403, 403, 403])
    }
  })

  it('of a room that only guests entered is nobody', async () => {
    await enter('guests-only')
    expect(await link('guests-only', { kind: 'channel', name: 'x' })).toMatchObject(failure(403, 'FORBIDDEN'))
  })
})

describe('a link', () => {
  beforeAll(() => enter('linked', alice))

  it('to a channel is made once, whatever way the name is written, and answered as it is', async () => {
    const made = await link('linked', { kind: 'channel', name: '##cafe\u0301' })
    expect(made).toMatchObject({ status: 201, data: { kind: 'channel', name: 'café' } })
    expect(made.data).toEqual({
      linkId: expect.stringMatching(UUID),
      kind: 'channel',
      name: 'café',
      createTime: expect.closeTo(Date.now() / 1000, -2),
    })
    expect(await link('linked', { kind: 'channel', name: 'café' })).toMatchObject({
      status: 200,
      data: made.data,
    })
    const form = new URLSearchParams({ kind: 'channel', name: '#café' })
    const asForm = await fetch(linksOf('linked'), {
      method: 'POST',
      body: form,
      headers: { authorization: `Bearer ${alice.token}` },
    })
    expect(asForm.status).toBe(200)
  })

  it('to a relay token shows four characters of it, and keeps no more', async () => {
    const token = 'k3v9x0q2m7c1z8b4n6t5r0w3yd'
    expect(await link('linked', { kind: 'relay', token })).toMatchObject(failure(404, 'NOT_FOUND'))
    outside.living.add(token)
    const made = await link('linked', { kind: 'relay', token })
    expect(made).toMatchObject({ status: 201, data: { kind: 'relay', token: 'k3v9' } })
    expect((await link('linked', { kind: 'relay', token })).status).toBe(200)
    const rows = await installation.database.transaction((session) =>
      session.query('SELECT * FROM chat.link'),
    )
    expect(JSON.stringify(rows)).not.toContain(token)
    expect(await remove(linksOf('linked'), alice.token, { kind: 'relay', token })).toMatchObject({
      status: 200,
      data: made.data,
    })
  })

  it('to an ide space is for whom it is open', async () => {
    const body = { kind: 'space', id: 'a space' }
    expect(await link('linked', body)).toMatchObject(failure(403, 'FORBIDDEN'))
    outside.open.add(`${alice.id} a space`)
    expect(await link('linked', body)).toMatchObject({ status: 201, data: body })
  })

  it('to a college is for whom nemesis lets, and the token is not kept', async () => {
    const body = { kind: 'college', id: 'college-1', token: 'a-nemesis-token' }
    expect(await link('linked', body)).toMatchObject(failure(403, 'FORBIDDEN'))
    outside.leaders.add('a-nemesis-token college-1')
    const made = await link('linked', body)
    expect(made).toMatchObject({ status: 201, data: { kind: 'college', id: 'college-1' } })
    expect(made.data).not.toHaveProperty('token')
    expect(await link('linked', { kind: 'college', id: 'college-1' })).toMatchObject(
      failure(400, 'BAD_BINDING'),
    )
    const rows = await installation.database.transaction((session) =>
      session.query('SELECT * FROM chat.link'),
    )
    expect(JSON.stringify(rows)).not.toContain('a-nemesis-token')
    const gone = await remove(linksOf('linked'), alice.token, { kind: 'college', id: 'college-1' })
    expect(gone).toMatchObject({ status: 200, data: made.data })
  })

  it('is ended once, by what it goes to or by its id, in its own room only', async () => {
    await enter('ended', alice)
    await enter('other', alice)
    const { data } = await link('ended', { kind: 'channel', name: 'one' })
    await link('ended', { kind: 'channel', name: 'two' })
    const { token } = alice
    expect(await remove(`${linksOf('other')}/${data['linkId']}`, token)).toMatchObject(
      failure(404, 'NOT_FOUND'),
    )
    expect(await remove(`${linksOf('ended')}/${data['linkId']}`, token)).toMatchObject({ status: 200, data })
    expect(await remove(`${linksOf('ended')}/${data['linkId']}`, token)).toMatchObject(
      failure(404, 'NOT_FOUND'),
    )
    for (const id of ['x', '0', '00000000-0000-4000-8000-000000000000'])
      expect(await remove(`${linksOf('ended')}/${id}`, token)).toMatchObject(failure(404, 'NOT_FOUND'))
    expect((await remove(linksOf('ended'), token, { kind: 'channel', name: '#two' })).status).toBe(200)
    expect(await remove(linksOf('ended'), token, { kind: 'channel', name: 'two' })).toMatchObject(
      failure(404, 'NOT_FOUND'),
    )
    expect((await get(linksOf('ended'), token)).data).toEqual([])
  })

  it(`is one of ${LINKS_MAX} at most, also where several are made at once`, async () => {
    await enter('full', alice)
    const answers = await Promise.all(
      Array.from({ length: LINKS_MAX + 5 }, (_, i) => link('full', { kind: 'channel', name: `c${i}` })),
    )
    const refused = answers.filter(({ status }) => status !== 201)
    expect(refused).toHaveLength(5)
    for (const answer of refused) expect(answer).toMatchObject(failure(409, 'TOO_MANY_PLACES'))
    const { data } = await get<{ name: string }[]>(linksOf('full'), bob.token)
    expect(data).toHaveLength(LINKS_MAX)
    expect((await link('full', { kind: 'channel', name: data[0]?.name })).status).toBe(200)
  })
})

it('links are counted, with what waits and what there was no room for', async () => {
  await enter('metered', alice)
  await link('metered', { kind: 'channel', name: 'metered' })
  const metrics = await (await fetch(`${url}/metrics`)).text()
  expect(metrics).toMatch(/^chat_links [1-9]\d*$/m)
  expect(metrics).toMatch(/^chat_links_waiting 0$/m)
  expect(metrics).toMatch(/^chat_links_lost_total 0$/m)
})

describe('what cannot be', () => {
  beforeAll(() => enter('strict', alice))

  it('is refused before anything is looked at: no token, a bad one, no such room, an impossible name', async () => {
    const body = { kind: 'channel', name: 'x' }
    for (const headers of [{}, { authorization: 'Bearer x' }] as Record<string, string>[]) {
      expect(await post(linksOf('strict'), body, headers)).toMatchObject(failure(401, 'UNAUTHORIZED'))
    }
    expect(await get(linksOf('strict'))).toMatchObject(failure(401, 'UNAUTHORIZED'))
    expect(await remove(linksOf('strict'), 'x', body)).toMatchObject(failure(401, 'UNAUTHORIZED'))
    expect(await link('nowhere', body)).toMatchObject(failure(404, 'ROOM_NOT_FOUND'))
    expect(await link('a%20b', body)).toMatchObject(failure(400, 'BAD_BINDING'))
  })

  it.each([
    '',
    'null',
    '[]',
    '{',
    '"channel"',
    '{}',
    '{"kind":"__proto__"}',
    '{"kind":["channel"],"name":"x"}',
    '{"kind":"channel"}',
    '{"kind":"channel","name":7}',
    '{"kind":"channel","name":""}',
    '{"kind":"channel","name":"#"}',
    '{"kind":"channel","name":"a b"}',
    '{"kind":"channel","name":"a\\u0000"}',
    `{"kind":"channel","name":"${'x'.repeat(65)}"}`,
    '{"kind":"relay"}',
    '{"kind":"relay","token":""}',
    '{"kind":"relay","token":{}}',
    `{"kind":"relay","token":"${'x'.repeat(257)}"}`,
    '{"kind":"space"}',
    '{"kind":"space","id":""}',
    '{"kind":"space","id":"\\ud800"}',
    `{"kind":"space","id":"${'x'.repeat(129)}"}`,
    '{"kind":"college","id":"college-1"}',
    '{"kind":"college","id":"","token":"x"}',
    '{"kind":"college","id":"a\\u0000","token":"x"}',
    '{"kind":"college","id":"college-1","token":7}',
  ])('is 400 BAD_BINDING: %s', async (body) => {
    const before = outside.questions.length
    expect(await link('strict', body)).toMatchObject(failure(400, 'BAD_BINDING'))
    expect(outside.questions).toHaveLength(before)
    expect((await get(linksOf('strict'), alice.token)).data).toEqual([])
  })

  it('is 503 where nobody answers, and nothing is linked', async () => {
    await using deaf = await install()
    const carol = await signUp(deaf.first.url, 'carol')
    await enter('alone', carol, deaf.first.wsUrl)
    const links = `${deaf.first.url}/api/v1/rooms/alone/links`
    const bodies = [
      { kind: 'relay', token: 'x' },
      { kind: 'space', id: 'x' },
      { kind: 'college', id: 'x', token: 'x' },
    ]
    const answers = await Promise.all(
      bodies.map((body) => post(links, body, { authorization: `Bearer ${carol.token}` })),
    )
    for (const answer of answers) expect(answer).toMatchObject(failure(503, 'UNAVAILABLE'))
    expect((await get(links, carol.token)).data).toEqual([])
  })
})
