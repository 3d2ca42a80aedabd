import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openIde } from './support/ide.ts'
import { type Installation, install, type Process } from './support/installation.ts'
import { api, type Person } from './support/person.ts'

let installation: Installation
let one: Process
let two: Process
let ann: Person
let ben: Person
beforeAll(async () => {
  installation = await install()
  one = installation.first
  two = await installation.start('two')
  ann = await installation.signUp('Ann')
  ben = await installation.signUp('Ben')
})
afterAll(() => installation[Symbol.asyncDispose]())

describe('across two processes', () => {
  test('a message reaches every connection of a person, in both', async () => {
    await using sender = await openIde(one.wsUrl, ann)
    await using here = await openIde(one.wsUrl, ben)
    await using there = await openIde(two.wsUrl, ben)
    sender.say('send', { to: 'ben', data: { n: '1 | :|:' } })
    for (const ide of [here, there]) {
      expect(await ide.hear()).toEqual(['msg', { from: 'Ann', data: { n: '1 | :|:' } }])
    }
  })

  test('a message reaches a person who is only in the other one', async () => {
    await using sender = await openIde(one.wsUrl, ann)
    await using there = await openIde(two.wsUrl, ben)
    for (let n = 0; n < 50; n++) sender.say('send', { to: 'ben', data: n })
    for (let n = 0; n < 50; n++) expect(await there.hear()).toEqual(['msg', { from: 'Ann', data: n }])
    there.say('send', { to: 'nobody', data: 1 })
    expect(await there.hear()).toMatchObject(['error', { code: 'NOT_CONNECTED' }])
  })

  test('list, joined and died know a space as one, and a person once', async () => {
    await using a = await openIde(one.wsUrl, { ...ann, space: 'both' })
    const here = await openIde(one.wsUrl, { ...ben, space: 'both' })
    const there = await openIde(two.wsUrl, { ...ben, space: 'both' })
    expect(await a.hear()).toEqual(['joined', { user: 'Ben', space: 'both' }])
    expect(await a.list('both')).toEqual(['Ben'])
    expect(await there.list('both')).toEqual(['Ann'])
    await here.client[Symbol.asyncDispose]()
    there.client.ws.close()
    expect(await a.hear()).toEqual(['died', { user: 'Ben', space: 'both' }])
    expect(await a.heard()).toEqual([])
  })

  test('whoever is taken out of a repo leaves its space in both', async () => {
    const owner = api(one.url, ann)
    const { id } = (await owner<{ id: string }>('POST', '/repos', { name: 'x' })).body
    await owner('POST', `/repos/${id}/members`, { username: 'Ben' })
    await using a = await openIde(one.wsUrl, { ...ann, space: id })
    await using here = await openIde(one.wsUrl, { ...ben, space: id })
    await using there = await openIde(two.wsUrl, { ...ben, space: id })
    expect(await a.hear()).toEqual(['joined', { user: 'Ben', space: id }])
    await owner('DELETE', `/repos/${id}/members/Ben`)
    expect(await a.hear()).toEqual(['died', { user: 'Ben', space: id }])
    for (const ide of [here, there]) {
      expect(await ide.hear()).toEqual(['error', { event: 'join', space: id, code: 'FORBIDDEN' }])
    }
    expect(await a.list(id)).toEqual([])
  })

  test('whoever was taken out of a repo while the bus was away leaves when it is back', async () => {
    const owner = api(one.url, ann)
    const { id } = (await owner<{ id: string }>('POST', '/repos', { name: 'x' })).body
    await owner('POST', `/repos/${id}/members`, { username: 'Ben' })
    await using there = await openIde(two.wsUrl, { ...ben, space: id })
    await using _other = await openIde(two.wsUrl, { ...ann, space: id })
    await there.hear()
    installation.bus.down()
    await owner('DELETE', `/repos/${id}/members/Ben`)
    installation.bus.up()
    expect(await there.hear()).toEqual(['error', { event: 'join', space: id, code: 'FORBIDDEN' }])
    expect(await one.presence.list(`ide:space:${id}`)).toMatchObject([{ person: 'ann' }])
  })
})

describe('while the bus is away', () => {
  test('a process is not ready, and those who are in it reach one another', async () => {
    await using a = await openIde(two.wsUrl, { ...ann, space: 'island' })
    await using b = await openIde(two.wsUrl, { ...ben, space: 'island' })
    expect(await a.hear()).toMatchObject(['joined', {}])
    installation.bus.down()
    try {
      expect((await fetch(`${two.url}/readyz`)).status).toBe(503)
      a.say('send', { to: 'ben', data: 1 })
      expect(await b.hear()).toMatchObject(['msg', { data: 1 }])
      expect(await a.list('island')).toEqual(['Ben'])
      a.say('join', { space: 'new island' })
      expect(await a.hear()).toEqual(['error', { event: 'join', space: 'new island', code: 'UNAVAILABLE' }])
      expect(await two.presence.list('ide:space:new island')).toEqual([])
    } finally {
      installation.bus.up()
    }
    expect((await fetch(`${two.url}/readyz`)).status).toBe(200)
    expect(await a.list('new island')).toEqual([])
  })
})

test('whoever connects while the bus is away is refused with 503, and is nowhere', async () => {
  const eve = await installation.signUp('Eve')
  installation.bus.down()
  try {
    const refused = await openIde(two.wsUrl, { ...eve, space: 'later' }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ status: 503 })
    await expect.poll(() => one.presence.list('person:eve')).toEqual([])
    expect(await one.presence.list('ide:space:later')).toEqual([])
  } finally {
    installation.bus.up()
  }
  await using again = await openIde(two.wsUrl, eve)
  expect(await again.list('later')).toEqual([])
})

test('GET /metrics counts connections, messages and drops', async () => {
  await using a = await openIde(two.wsUrl, ann)
  a.say('send', { to: 'ann', data: 1 })
  await a.hear()
  const answer = await fetch(`${two.url}/metrics`)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
  const text = await answer.text()
  expect(text).toMatch(/^ide_connections [1-9]/m)
  expect(text).toMatch(/^ide_received_total [1-9]/m)
  expect(text).toMatch(/^ide_drops_total\{reason="slowConsumer"\} 0$/m)
})

describe('a process that dies', () => {
  test('has its people die in their spaces, once each, where they have no other connection', async () => {
    const three = await installation.start('three')
    const cas = await installation.signUp('Cas')
    await using a = await openIde(one.wsUrl, { ...ann, space: 'doomed' })
    await using second = await openIde(two.wsUrl, { ...ann, space: 'doomed' })
    await using _survivor = await openIde(two.wsUrl, { ...ben, space: 'doomed' })
    await openIde(three.wsUrl, { ...ben, space: 'doomed' })
    await openIde(three.wsUrl, { ...cas, space: 'doomed' })
    await openIde(three.wsUrl, { ...cas, space: 'doomed' })
    expect(await a.hear()).toMatchObject(['joined', { user: 'Ben' }])
    expect(await a.hear()).toMatchObject(['joined', { user: 'Cas' }])
    await second.heard()

    await three.crash()
    for (const ide of [a, second]) {
      expect(await ide.hear()).toEqual(['died', { user: 'Cas', space: 'doomed' }])
      expect(await ide.heard()).toEqual([])
    }
    expect(await a.list('doomed')).toEqual(['Ben'])
    a.say('send', { to: 'cas', data: 1 })
    expect(await a.hear()).toMatchObject(['error', { code: 'NOT_CONNECTED' }])
  })

  test('in good order tells its clients to come back and leaves presence before it is closed', async () => {
    const four = await installation.start('four')
    await using a = await openIde(one.wsUrl, { ...ann, space: 'closing' })
    const b = await openIde(four.wsUrl, { ...ben, space: 'closing' })
    expect(await a.hear()).toMatchObject(['joined', {}])
    await four[Symbol.asyncDispose]()
    expect(await b.client.closed).toEqual({ code: 1012, reason: 'RESTARTING' })
    expect(await one.presence.list('ide:space:closing')).toMatchObject([{ person: 'ann' }])
    expect(await a.hear()).toEqual(['died', { user: 'Ben', space: 'closing' }])
  })
})
