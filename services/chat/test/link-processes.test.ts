import { MemoryBroker } from '@switchboard/hub/broker-memory'
import { type LivePostgres, livePostgres } from '@switchboard/testing/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { post } from './support/http.ts'
import { type Installation, install } from './support/installation.ts'
import { type Outside, openOutside } from './support/outside.ts'
import { join, type Member, type Person, signUp } from './support/people.ts'

let postgres: LivePostgres
let installation: Installation
let outside: Outside
let alice: Person
beforeAll(async () => {
  postgres = await livePostgres()
  installation = await install({ database: await postgres.createDatabase(), limits: 'off' })
  outside = await openOutside(new MemoryBroker(installation.bus))
  alice = await signUp(installation.first.url, 'alice')
})
afterAll(async () => {
  await outside?.[Symbol.asyncDispose]()
  await installation?.[Symbol.asyncDispose]()
  await postgres?.[Symbol.asyncDispose]()
})

/** Links a room over one process, which then is the one that works on it. */
async function link(url: string, room: string, name: string): Promise<void> {
  const headers = { authorization: `Bearer ${alice.token}` }
  const answer = await post(`${url}/api/v1/rooms/${room}/links`, { kind: 'channel', name }, headers)
  if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.error)}`)
}

const enter = (room: string): Promise<Member> => join(installation.first.wsUrl, room, { token: alice.token })

const numbered = (count: number, name = '') => Array.from({ length: count }, (_, i) => `${name}${i}`)

describe('when the process that works on links', () => {
  it.each(['closes', 'dies'])(
    '%s, another goes on with what it left, and no room hears anything twice',
    async (end) => {
      const worker = await installation.start(`worker${end}`)
      await using member = await enter(`room-${end}`)
      const heard = await outside.listen(end)
      await link(worker.url, `room-${end}`, end)
      const texts = numbered(1000, 'channel ')
      outside.say(end, 'bob', ...texts)
      expect(await member.hearTexts(100)).toEqual(texts.slice(0, 100))
      const ending = end === 'dies' ? worker.crash() : worker[Symbol.asyncDispose]()
      const said = numbered(100, 'room ')
      member.say(...said)
      const rest = await member.hearTexts(1000)
      expect(rest.filter((text) => text.startsWith('channel'))).toEqual(texts.slice(100))
      expect(rest.filter((text) => text.startsWith('room'))).toEqual(said)
      const brought = () => heard.filter(({ user }) => user === 'alice@chat').map(({ message }) => message)
      await expect.poll(brought, { timeout: 10_000 }).toEqual(said)
      await ending
      outside.say(end, 'bob', 'the last one')
      expect(await member.hearTexts(1)).toEqual(['the last one'])
      expect(await member.rest()).toEqual([])
    },
  )
})

describe('links that another process made', () => {
  it('are followed by the one that holds the channel, from the answer on', async () => {
    await using second = await installation.start('maker')
    await using one = await enter('made-first')
    await using two = await enter('made-second')
    await link(installation.first.url, 'made-first', 'shared')
    await link(second.url, 'made-second', 'shared')
    outside.say('shared', 'bob', 'to both')
    expect(await one.hearTexts(1)).toEqual(['to both'])
    expect(await two.hearTexts(1)).toEqual(['to both'])
  })

  it('while the bus was away are followed when it is back', async () => {
    await using second = await installation.start('islander')
    await using member = await enter('made-apart')
    installation.bus.down()
    await link(second.url, 'made-apart', 'apart')
    installation.bus.up()
    const heard = await outside.listen('apart')
    member.say('hello')
    const all = () => heard.map(({ message }) => message)
    await expect.poll(all, { timeout: 10_000 }).toEqual(['hello'])
  })
})

describe('while the bus is away', () => {
  it('what is said in the room waits for it, in its order, once', async () => {
    await using member = await enter('bus-away')
    const heard = await outside.listen('bus-away')
    await link(installation.first.url, 'bus-away', 'bus-away')
    member.say('before')
    await expect.poll(() => heard).toHaveLength(1)
    installation.bus.down()
    const texts = numbered(300)
    member.say(...texts)
    await member.hear(301)
    expect(heard).toHaveLength(1)
    installation.bus.up()
    const all = () => heard.map(({ message }) => message)
    await expect.poll(all, { timeout: 10_000 }).toEqual(['before', ...texts])
  })
})

describe('while the database is away', () => {
  it('what is said in the channel waits for it, in its order, once, and so does what it says in the room', async () => {
    await using member = await enter('database-away')
    const heard = await outside.listen('database-away')
    await link(installation.first.url, 'database-away', 'database-away')
    const texts = numbered(1000)
    outside.say('database-away', 'bob', ...texts.slice(0, 500))
    await member.hearTexts(10)
    await postgres.stop()
    outside.say('database-away', 'bob', ...texts.slice(500))
    member.say('from the room')
    await member.client.roundTrip()
    await postgres.start()
    const rest = await member.hearTexts(991)
    expect(rest.filter((text) => text !== 'from the room')).toEqual(texts.slice(10))
    const brought = () => heard.filter(({ user }) => user === 'alice@chat').map(({ message }) => message)
    await expect.poll(brought, { timeout: 10_000 }).toEqual(['from the room'])
    outside.say('database-away', 'bob', 'the last one')
    expect(await member.hearTexts(1)).toEqual(['the last one'])
  }, 60_000)
})
