import { afterEach, describe, expect, it } from 'vitest'
import { frameEach } from '../src/framing.ts'
import { FakeClock } from './fake-clock.ts'
import { type Server, serve, turn, writesTo } from './server.ts'

let server: Server
afterEach(() => server[Symbol.asyncDispose]())

/** 30 µs for each of them. */
const HUNDRED_REST_MS = 3

/** A room, and how often the server wrote to one of its members from here on. */
async function room(members: number, framing = frameEach) {
  const clock = new FakeClock()
  server = await serve({ clock, framing })
  const all = await server.connectAll(members, 'room')
  const [one] = all
  if (!one) throw new Error('a room has members')
  const writes = writesTo(one.connection)
  const say = async (text: string): Promise<number> => {
    server.hub.publish('room', text)
    await turn()
    return writes.length
  }
  return { clock, all, one, say, writes }
}

/** A room of a hundred that was told '1', and rests with '2'. */
async function restingRoom() {
  const it = await room(100)
  await it.say('1')
  await it.say('2')
  return it
}

describe('a topic that was written to many', () => {
  it('is not written again before its rest is over, and then once', async () => {
    const { clock, all, say, writes } = await room(100)
    expect(await say('1')).toBe(1)
    expect(await say('2')).toBe(1)
    clock.advance(HUNDRED_REST_MS - 1)
    expect(await say('3')).toBe(1)
    clock.advance(1)
    expect(writes).toHaveLength(2)
    for (const { client } of all) expect(await client.until((text) => text === '3')).toEqual(['1', '2', '3'])
    expect(server.hub.stats.deliveries).toBe(300)
  })

  it('is written at once when it was quiet for as long', async () => {
    const { clock, say } = await room(100)
    expect(await say('1')).toBe(1)
    clock.advance(HUNDRED_REST_MS)
    expect(await say('2')).toBe(2)
  })

  it('tells how long it rests', async () => {
    const { clock, say } = await room(100)
    expect(server.hub.restMs('room')).toBe(0)
    expect(server.hub.restMs('elsewhere')).toBe(0)
    await say('1')
    expect(server.hub.restMs('room')).toBe(HUNDRED_REST_MS)
    clock.advance(1)
    expect(server.hub.restMs('room')).toBe(HUNDRED_REST_MS - 1)
    clock.advance(100)
    expect(server.hub.restMs('room')).toBe(0)
  })

  it('does not wait with 2 KiB or more', async () => {
    const { say } = await room(100)
    const half = 'x'.repeat(1024)
    expect(await say('1')).toBe(1)
    expect(await say(half)).toBe(1)
    expect(await say(half)).toBe(2)
  })

  it('keeps what is sent to one member alone behind what waits for it, and no longer', async () => {
    const { clock, one, say, writes } = await restingRoom()
    one.connection.send('to you')
    await turn()
    expect(writes).toHaveLength(2)
    await say('3')
    clock.advance(HUNDRED_REST_MS)
    expect(await one.client.until((text) => text === '3')).toEqual(['1', '2', 'to you', '3'])
  })

  it('keeps nothing from a member that is closed, or drained, before', async () => {
    const { all, one } = await restingRoom()
    const drained = one.connection.drained()
    expect(await one.client.until((text) => text === '2')).toEqual(['1', '2'])
    await drained
    all[1]?.connection.close(1008, 'GO')
    expect(await all[1]?.client.closed).toMatchObject({ code: 1008 })
    expect(await all[1]?.client.until((text) => text === '2')).toEqual(['1', '2'])
  })

  it('gives whoever enters meanwhile nothing of what was said before, and whoever leaves all of it', async () => {
    const { clock, one, say } = await restingRoom()
    const late = await server.connect()
    await server.hub.enter(late.connection, 'room')
    server.hub.leave(one.connection, 'room')
    await say('3')
    clock.advance(HUNDRED_REST_MS)
    expect(await late.client.next()).toBe('3')
    expect(await one.client.until((text) => text === '2')).toEqual(['1', '2'])
    one.connection.send('end')
    expect(await one.client.next()).toBe('end')
  })

  it('keeps no other topic waiting, and its members their order', async () => {
    const { clock, one, say, writes } = await room(100)
    await server.connectAll(1, 'other')
    await server.hub.enter(one.connection, 'other')
    await say('1')
    await say('2')
    server.hub.publish('other', 'elsewhere')
    await turn()
    expect(writes).toHaveLength(2)
    await say('3')
    clock.advance(HUNDRED_REST_MS)
    expect(await one.client.until((text) => text === '3')).toEqual(['1', '2', 'elsewhere', '3'])
  })

  it('leaves as one run, whatever was delivered to other topics meanwhile', async () => {
    const framed: number[] = []
    const { clock, say, writes } = await room(100, (payloads) => {
      framed.push(payloads.length)
      return frameEach(payloads)
    })
    await server.connectAll(2, 'other')
    await say('1')
    for (const text of ['2', '3', '4']) {
      await say(text)
      server.hub.publish('other', text)
    }
    await turn()
    clock.advance(HUNDRED_REST_MS)
    expect(writes).toHaveLength(2)
    expect(framed).toContain(3)
  })

  it('rests no longer for what came in the very turn in which it was written', async () => {
    const { clock, say, writes } = await restingRoom()
    server.hub.publish('room', '3')
    clock.advance(HUNDRED_REST_MS)
    await turn()
    expect(writes).toHaveLength(2)
    clock.advance(HUNDRED_REST_MS)
    expect(server.hub.restMs('room')).toBe(0)
    expect(await say('4')).toBe(3)
  })

  it('keeps nobody else waiting', async () => {
    await restingRoom()
    const other = await server.connect()
    other.connection.send('at once')
    expect(await other.client.next()).toBe('at once')
  })
})

describe('a small room', () => {
  it('never waits', async () => {
    const { say } = await room(33)
    for (let i = 1; i <= 5; i++) expect(await say(`${i}`)).toBe(i)
  })
})
