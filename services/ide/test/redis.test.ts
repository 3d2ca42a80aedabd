import { createAsk } from '@switchboard/hub/ask'
import { openBus } from '@switchboard/hub/bus'
import { redisConnector } from '@switchboard/kit/redis'
import { accountPlace, OPEN_SPACES } from '@switchboard/protocol/between'
import { type LiveRedis, liveRedis } from '@switchboard/testing/redis'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openIde } from './support/ide.ts'
import { type Installation, install, type Process } from './support/installation.ts'
import { api, type Person } from './support/person.ts'

/** A second is what anybody else may be behind. */
const soon = { timeout: 1000, interval: 10 }

describe.skipIf(!findServer('redis-server'))('two processes on Redis', () => {
  let redis: LiveRedis
  let installation: Installation
  let one: Process
  let two: Process
  let ann: Person
  let ben: Person
  beforeAll(async () => {
    redis = await liveRedis()
    installation = await install({ redis: redis.url })
    one = installation.first
    two = await installation.start('two')
    ann = await installation.signUp('Ann')
    ben = await installation.signUp('Ben')
  })
  afterAll(async () => {
    await installation?.[Symbol.asyncDispose]()
    await redis?.[Symbol.asyncDispose]()
  })

  test('carry a message to every connection of a person, once each and in order', async () => {
    await using sender = await openIde(one.wsUrl, ann)
    await using here = await openIde(one.wsUrl, ben)
    await using there = await openIde(two.wsUrl, ben)
    for (let n = 0; n < 100; n++) sender.say('send', { to: 'ben', data: { n, text: '| :|: é' } })
    for (let n = 0; n < 100; n++)
      for (const ide of [here, there])
        expect(await ide.hear()).toEqual(['msg', { from: 'Ann', data: { n, text: '| :|: é' } }])
    await here.client[Symbol.asyncDispose]()
    for (let n = 0; n < 50; n++) sender.say('send', { to: 'BEN', data: n })
    for (let n = 0; n < 50; n++) expect(await there.hear()).toEqual(['msg', { from: 'Ann', data: n }])
    sender.say('send', { to: 'nobody', data: 1 })
    expect(await sender.hear()).toEqual(['error', { event: 'send', to: 'nobody', code: 'NOT_CONNECTED' }])
  })

  test('know a space as one, and a person in it once', async () => {
    await using a = await openIde(one.wsUrl, { ...ann, space: 'both' })
    const here = await openIde(one.wsUrl, { ...ben, space: 'both' })
    const there = await openIde(two.wsUrl, { ...ben, space: 'both' })
    expect(await a.hear()).toEqual(['joined', { user: 'Ben', space: 'both' }])
    expect(await a.list('both')).toEqual(['Ben'])
    expect(await there.list('both')).toEqual(['Ann'])
    await here.client[Symbol.asyncDispose]()
    there.client.ws.close()
    expect(await a.hear()).toEqual(['died', { user: 'Ben', space: 'both' }])
    a.say('send', { to: 'ben', data: 1 })
    expect(await a.hear()).toMatchObject(['error', { code: 'NOT_CONNECTED' }])
    expect(await a.list('both')).toEqual([])
  })

  test('let whoever has the 101 miss nothing that the other sends', async () => {
    await using a = await openIde(one.wsUrl, ann)
    const mate = await installation.signUp('Mate')
    for (let n = 0; n < 50; n++) {
      const space = `early ${n}`
      await using b = await openIde(two.wsUrl, { ...ben, space })
      a.say('send', { to: 'ben', data: n })
      await using _mate = await openIde(one.wsUrl, { ...mate, space })
      const heard = [await b.hear(), await b.hear()]
      expect(heard).toContainEqual(['msg', { from: 'Ann', data: n }])
      expect(heard).toContainEqual(['joined', { user: 'Mate', space }])
    }
    expect(await a.heard()).toEqual([])
  })

  test('take people out of a repo’s space in both', async () => {
    const owner = api(one.url, ann)
    const { id } = (await owner<{ id: string }>('POST', '/repos', { name: 'x' })).body
    await owner('POST', `/repos/${id}/members`, { username: 'Ben' })
    await using a = await openIde(two.wsUrl, { ...ann, space: id })
    await using here = await openIde(one.wsUrl, { ...ben, space: id })
    await using there = await openIde(two.wsUrl, { ...ben, space: id })
    expect(await a.hear()).toEqual(['joined', { user: 'Ben', space: id }])
    await owner('DELETE', `/repos/${id}/members/Ben`)
    expect(await a.hear()).toEqual(['died', { user: 'Ben', space: id }])
    for (const ide of [here, there])
      expect(await ide.hear()).toEqual(['error', { event: 'join', space: id, code: 'FORBIDDEN' }])
    expect(await a.list(id)).toEqual([])
    await owner('DELETE', `/repos/${id}`)
    expect(await a.hear()).toEqual(['error', { event: 'join', space: id, code: 'FORBIDDEN' }])
  })

  test('report an account’s connections to each other, with their spaces, within a second', async () => {
    const eve = await installation.signUp('Eve')
    const seen = async (by: Process) =>
      (await by.presence.list(accountPlace('eve'))).map(({ info }) => info as object)
    await using here = await openIde(one.wsUrl, { ...eve, space: 'here' })
    await using there = await openIde(two.wsUrl, eve)
    await there.list('there')
    const inside = (name: string) => ({ service: 'ide', places: [{ name, since: expect.any(Number) }] })
    for (const process of [one, two])
      await expect.poll(() => seen(process), soon).toEqual([inside('here'), inside('there')])
    there.say('leave', { space: 'there' })
    here.client.ws.close()
    for (const process of [one, two])
      await expect.poll(() => seen(process), soon).toEqual([{ service: 'ide', places: [] }])
  })

  test('answer which spaces are open', async () => {
    const { id } = (await api(two.url, ann)<{ id: string }>('POST', '/repos', { name: 'x' })).body
    await using bus = await openBus(redisConnector(redis.url))
    await using stack = new AsyncDisposableStack()
    const asker = stack.adopt(createAsk(bus.broker), (ask) => ask.close())
    const question = JSON.stringify({ account: 999_999, spaces: [id, 'lobby'] })
    expect(JSON.parse(await asker.ask(OPEN_SPACES.topic, question))).toEqual({ open: ['lobby'] })
  })

  test('close what a revoked token opened, in both and within a second', async () => {
    const rita = await installation.signUp('Rita')
    await using here = await openIde(one.wsUrl, rita)
    await using there = await openIde(two.wsUrl, rita)
    const start = performance.now()
    await api(two.url, rita)('POST', '/user/logout')
    const closed = { code: 1008, reason: 'TOKEN_REVOKED' }
    expect(await Promise.all([here.client.closed, there.client.closed])).toEqual([closed, closed])
    expect(performance.now() - start).toBeLessThan(1000)
    await expect(openIde(one.wsUrl, rita)).rejects.toMatchObject({ status: 401 })
  })

  test('that stops in good order leaves nobody behind', async () => {
    const three = await installation.start('three')
    await using a = await openIde(one.wsUrl, { ...ann, space: 'closing' })
    const b = await openIde(three.wsUrl, { ...ben, space: 'closing' })
    expect(await a.hear()).toMatchObject(['joined', {}])
    await three[Symbol.asyncDispose]()
    expect(await b.client.closed).toEqual({ code: 1012, reason: 'RESTARTING' })
    expect(await a.hear()).toEqual(['died', { user: 'Ben', space: 'closing' }])
    expect(await one.presence.list(accountPlace('ben'))).toEqual([])
    expect(await a.heard()).toEqual([])
  })
})
