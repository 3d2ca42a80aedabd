import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { frameEach } from '../src/framing.ts'
import { type Server, serve, turn, writesTo } from './server.ts'

let server: Server
afterEach(() => server[Symbol.asyncDispose]())

describe('delivery', () => {
  it('brings what is published to every member and to nobody else', async () => {
    server = await serve()
    const [ann, bob, cy] = await server.connectAll(3, 'room')
    const outsider = await server.connect()
    server.hub.publish('room', 'héllo')
    server.hub.publish('elsewhere', 'nobody')
    outsider.connection.send('end')
    for (const member of [ann, bob, cy]) expect(await member?.client.next()).toBe('héllo')
    expect(await outsider.client.next()).toBe('end')
    expect(server.hub.stats).toMatchObject({ connections: 4, deliveries: 4, publishes: 2, bufferedBytes: 0 })
  })

  it('leaves out the connection that `except` names', async () => {
    server = await serve()
    const [ann, bob] = await server.connectAll(2, 'room')
    if (!ann || !bob) throw new Error('two were asked for')
    server.hub.publish('room', '1', { except: ann.connection.id })
    server.hub.publish('room', '2', { except: bob.connection.id })
    server.hub.publish('room', '3', { except: 'no.1' })
    expect([await ann.client.next(), await ann.client.next()]).toEqual(['2', '3'])
    expect([await bob.client.next(), await bob.client.next()]).toEqual(['1', '3'])
  })

  it('sends a binary payload as text, and an empty one as an empty frame', async () => {
    server = await serve()
    const { client, connection } = await server.connect()
    connection.send(Buffer.from('bytes'))
    connection.send('')
    expect([await client.next(), await client.next()]).toEqual(['bytes', ''])
  })

  it('writes once to each socket in a turn, and frames each run once for all members', async () => {
    const framed: number[] = []
    server = await serve({
      framing: (payloads) => {
        framed.push(payloads.length)
        return frameEach(payloads)
      },
    })
    const members = await server.connectAll(50, 'room')
    const written = members.map(({ connection }) => writesTo(connection))
    for (let i = 0; i < 16; i++) server.hub.publish('room', `${i}`)
    await turn()
    expect(framed).toEqual([16])
    expect(written.map((writes) => writes.length)).toEqual(members.map(() => 1))
    for (const { client } of members) expect(await client.until((text) => text === '15')).toHaveLength(16)
  })

  it('writes once where topics alternate, and shares the bytes among those with the same topics', async () => {
    server = await serve()
    const members = await server.connectAll(10, 'a')
    for (const { connection } of members) await server.hub.enter(connection, 'b')
    const written = members.map(({ connection }) => writesTo(connection))
    for (let i = 0; i < 8; i++) server.hub.publish(i % 2 ? 'a' : 'b', `${i}`)
    await turn()
    expect(written.map((writes) => writes.length)).toEqual(members.map(() => 1))
    expect(new Set(written.flat()).size).toBe(1)
    for (const { client } of members)
      expect(await client.until((text) => text === '7')).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
  })

  it('frames a run for everyone at once, and once more for the one that is left out', async () => {
    const framed: number[] = []
    server = await serve({
      framing: (payloads) => {
        framed.push(payloads.length)
        return frameEach(payloads)
      },
    })
    const members = await server.connectAll(20, 'room')
    const out = members[10]
    for (let i = 0; i < 16; i++)
      server.hub.publish('room', `${i}`, i === 8 && out ? { except: out.connection.id } : {})
    await turn()
    expect(framed.sort((a, b) => a - b)).toEqual([7, 8, 16])
    expect(await out?.client.until((text) => text === '15')).toHaveLength(15)
  })

  it('lets the framing join the payloads of a turn into one message', async () => {
    server = await serve({
      framing: (payloads) => frameEach([Buffer.from(`[${payloads.map(String).join()}]`)]),
    })
    const [member] = await server.connectAll(1, 'room')
    for (const payload of ['1', '2', '3']) server.hub.publish('room', payload)
    expect(await member?.client.next()).toBe('[1,2,3]')
    member?.connection.send('direct')
    expect(await member?.client.next()).toBe('direct')
  })

  it('keeps one order for all of a room of 1,000', async () => {
    server = await serve()
    const members = await server.connectAll(1000, 'room')
    const sent: string[] = []
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 16; i++) {
        sent.push(`${round}.${i}`)
        server.hub.publish('room', `${round}.${i}`)
      }
      await turn()
    }
    server.hub.publish('room', 'end')
    for (const { client } of members)
      expect(await client.until((text) => text === 'end')).toEqual([...sent, 'end'])
  }, 60_000)

  it('writes a burst that is large before the turn ends', async () => {
    server = await serve()
    const [member] = await server.connectAll(1, 'room')
    const large = 'x'.repeat(100_000)
    for (let i = 0; i < 20; i++) {
      server.hub.publish('room', large)
      member?.connection.send(`${i}`)
    }
    expect(await member?.client.until((text) => text === '19')).toEqual(
      Array.from({ length: 20 }, (_, i) => [large, `${i}`]).flat(),
    )
  })

  it('reaches a client whose connection is compressed, in order', async () => {
    server = await serve({ ws: { perMessageDeflate: { threshold: 0 } } })
    const accepted = server.accepted('/deflate')
    const client = new WebSocket(`ws://127.0.0.1:${server.port}/deflate`, { perMessageDeflate: true })
    const texts: string[] = []
    const done = new Promise<void>((resolve) =>
      client.on('message', (data) => texts.push(data.toString()) === 5 && resolve()),
    )
    const connection = await accepted
    await server.hub.enter(connection, 'room')
    for (let i = 0; i < 4; i++) server.hub.publish('room', `${i}`.repeat(1000))
    connection.send('end')
    await done
    expect(texts).toEqual([...[0, 1, 2, 3].map((i) => `${i}`.repeat(1000)), 'end'])
    expect(client.extensions).toContain('permessage-deflate')
    client.terminate()
  })

  it('tells when what was sent is out', async () => {
    server = await serve()
    const { client, connection } = await server.connect()
    connection.send('x'.repeat(1000))
    expect(connection.buffered).toBeGreaterThan(1000)
    await connection.drained()
    expect(connection.buffered).toBe(0)
    expect(await client.next()).toHaveLength(1000)
    client.ws.terminate()
    await client.closed
    await connection.drained()
  })

  it('sends nothing to a connection that is closing, and says so', async () => {
    server = await serve()
    const [member] = await server.connectAll(1, 'room')
    server.hub.publish('room', 'before')
    member?.connection.send('last')
    member?.connection.close(1000)
    expect(member?.connection.open).toBe(false)
    member?.connection.send('after')
    server.hub.publish('room', 'after')
    expect([await member?.client.next(), await member?.client.next()]).toEqual(['before', 'last'])
    expect(await member?.client.closed).toEqual({ code: 1000, reason: '' })
    expect(member?.client.drain()).toEqual([])
  })
})
