import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock } from './fake-clock.ts'
import { type Server, serve, turn, until } from './server.ts'

let server: Server
let clock: FakeClock
afterEach(async () => {
  // Those that a test leaves unanswered are cut off when the clock moves on.
  const done = server[Symbol.asyncDispose]()
  clock?.advance(5000)
  await done
})

describe('slow consumers', () => {
  it('are closed with 1013 once too much waits for them, and nobody else waits', async () => {
    clock = new FakeClock()
    server = await serve({ clock, maxBufferedBytes: 300_000 })
    const [slow, quick] = await server.connectAll(2, 'room')
    if (!slow || !quick) throw new Error('two were asked for')
    slow.client.ws.pause()
    const payload = 'x'.repeat(100_000)
    let sent = 0
    while (server.hub.stats.drops.slowConsumer === 0) {
      server.hub.publish('room', payload)
      expect(await quick.client.next()).toBe(payload)
      expect(++sent).toBeLessThan(1000)
      expect(server.hub.stats.bufferedBytes).toBeLessThan(300_000)
    }
    expect(slow.connection.open).toBe(false)
    expect(quick.connection.open).toBe(true)
    slow.client.ws.resume()
    expect(await slow.client.closed).toEqual({ code: 1013, reason: 'SLOW_CONSUMER' })
    expect(slow.client.drain().length).toBeLessThan(sent)
    await until(() => server.closed.length === 1, 'the handler of closed')
  })

  it('that never read the close frame are cut off', async () => {
    clock = new FakeClock()
    server = await serve({ clock, maxBufferedBytes: 300_000 })
    const { client, connection } = await server.connect()
    client.ws.pause()
    while (connection.open) {
      connection.send('x'.repeat(100_000))
      await turn()
    }
    clock.advance(3000)
    await until(() => server.closed.length === 1, 'the handler of closed')
    expect(server.hub.stats).toMatchObject({ connections: 0, bufferedBytes: 0, drops: { slowConsumer: 1 } })
    client.ws.terminate()
  })

  it('within one turn are found at once, not at its end', async () => {
    clock = new FakeClock()
    server = await serve({ clock, maxBufferedBytes: 1_000_000 })
    const { client, connection } = await server.connect()
    client.ws.pause()
    for (let i = 0; i < 500 && connection.open; i++) connection.send('x'.repeat(100_000))
    expect(connection.open).toBe(false)
    client.ws.terminate()
  })
})

describe('heartbeat', () => {
  it('pings each 10 s, and keeps whoever answers', async () => {
    clock = new FakeClock()
    server = await serve({ clock })
    const { client, connection } = await server.connect()
    let pings = 0
    client.ws.on('ping', () => pings++)
    for (let second = 1; second <= 60; second++) {
      clock.advance(1000)
      await client.roundTrip()
    }
    expect(pings).toBe(6)
    expect(connection.open).toBe(true)
  })

  it('spreads the pings of many over the time', async () => {
    clock = new FakeClock()
    server = await serve({ clock })
    const pings = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    const members = await server.connectAll(20, 'room')
    for (let second = 0; second < 10; second++) {
      for (const { client } of members)
        client.ws.once('ping', () => {
          pings[second] = (pings[second] ?? 0) + 1
        })
      clock.advance(1000)
      await Promise.all(members.map(({ client }) => client.roundTrip()))
      for (const { client } of members) client.ws.removeAllListeners('ping')
    }
    expect(pings).toEqual(pings.map(() => 2))
  })

  it.each([
    ['a socket', false],
    ['ws alone', true],
  ])('drops whoever was silent for 25 s, and nobody before (%s)', async (_name, foreign) => {
    clock = new FakeClock()
    server = await serve({ clock, foreign })
    const silent = await server.connect()
    const talking = await server.connect()
    silent.client.ws.pause()
    for (let second = 1; second <= 25; second++) {
      expect(silent.connection.open).toBe(true)
      clock.advance(1000)
      talking.client.send('still here')
      await talking.client.roundTrip()
    }
    expect(silent.connection.open).toBe(false)
    await until(() => server.closed.length === 1, 'the handler of closed')
    expect(server.closed).toEqual(['/0'])
    expect(server.hub.stats.drops.silent).toBe(1)
    expect(talking.connection.open).toBe(true)
  })

  it('counts a part of a frame as a sign of life', async () => {
    clock = new FakeClock()
    server = await serve({ clock })
    const accepted = server.accepted('/raw')
    const client = await server.connectRaw('/raw')
    client.write(client.upgrade)
    const connection = await accepted
    const frame = client.text('x'.repeat(60))
    for (const byte of frame.subarray(0, 50)) {
      const before = server.bytesRead('/raw')
      client.write(Buffer.from([byte]))
      await until(() => server.bytesRead('/raw') > before, 'the byte')
      clock.advance(1000)
    }
    expect(connection.open).toBe(true)
    client.destroy()
  })

  it('stops when nobody is left', async () => {
    clock = new FakeClock()
    server = await serve({ clock })
    const { client } = await server.connect()
    expect(clock.running).toBe(1)
    client.ws.terminate()
    await until(() => server.hub.size === 0, 'the end of the connection')
    clock.advance(1000)
    expect(clock.running).toBe(0)
  })
})

describe('the end of a connection', () => {
  it('is told once, after it left its topics, however it came', async () => {
    clock = new FakeClock()
    const told: { session: string; topics: number; member: boolean; known: boolean }[] = []
    server = await serve({
      clock,
      closed: (connection) => {
        const { id, session, topics } = connection
        const member = [...server.hub.members('room')].includes(connection)
        told.push({ session, topics: topics.size, member, known: server.hub.connection(id) !== undefined })
      },
    })
    const members = await server.connectAll(4, 'room')
    for (const { connection } of members) await server.hub.enter(connection, 'second')
    const [closes, terminates, closedByUs, reset] = members
    const accepted = server.accepted('/raw')
    const garbage = await server.connectRaw('/raw')
    closes?.client.ws.close(1000)
    terminates?.client.ws.terminate()
    closedByUs?.connection.close(1008, 'GO')
    server.reset(reset?.connection.session ?? '')
    garbage.write(garbage.upgrade)
    await accepted
    garbage.write('no WebSocket frame')
    garbage.on('data', () => garbage.end())
    await until(() => told.length === 5, 'all ends')
    await Promise.all(members.map(({ client }) => client.closed))
    expect(told.map(({ session }) => session).sort()).toEqual(['/0', '/1', '/2', '/3', '/raw'])
    for (const { topics, member, known } of told) expect([topics, member, known]).toEqual([0, false, false])
    expect([...server.hub.members('room')]).toEqual([])
    expect(server.hub.stats.drops.malformed).toBe(1)
    garbage.destroy()
  })

  it('does not come while its handler works, but comes although the handler never ends', async () => {
    clock = new FakeClock()
    server = await serve({ clock, message: () => new Promise(() => {}) })
    const { client } = await server.connect()
    client.send('x')
    await client.roundTrip()
    client.ws.terminate()
    await client.closed
    await until(() => server.sockets.get('/0')?.destroyed === true, 'the end of the socket')
    for (let i = 0; i < 5; i++) await turn()
    expect(server.closed).toEqual([])
    clock.advance(30_000)
    expect(server.closed).toEqual(['/0'])
  })

  it('tells an error of the handler', async () => {
    clock = new FakeClock()
    server = await serve({
      clock,
      closed: (connection) => {
        if (connection.session === '/0') throw new Error('thrown')
        return Promise.reject(new Error('rejected'))
      },
    })
    for (const { client } of [await server.connect(), await server.connect()]) {
      client.ws.terminate()
      await client.closed
    }
    await until(() => server.errors.length === 2, 'both errors')
    expect(server.errors.map(String).sort()).toEqual(['Error: rejected', 'Error: thrown'])
  })

  it('cuts off a client that does not answer a close within 2 s', async () => {
    clock = new FakeClock()
    server = await serve({ clock })
    const { client, connection } = await server.connect()
    client.ws.pause()
    connection.close(1008, 'GO')
    clock.advance(1000)
    expect(server.sockets.get('/0')?.destroyed).toBe(false)
    clock.advance(2000)
    await until(() => server.closed.length === 1, 'the handler of closed')
    client.ws.terminate()
  })

  it.each([
    ['no frame at all', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['an unmasked frame', Buffer.from([0x81, 0x01, 0x78])],
    ['a reserved opcode', Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
    ['text that is not UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28])],
    ['a frame of 10 MB', Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0x98, 0x96, 0x80, 0, 0, 0, 0])],
  ])('comes by %s, and others notice nothing', async (_name, bytes) => {
    clock = new FakeClock()
    server = await serve({ clock, ws: { maxPayload: 65_536 }, message: (c, text) => c.send(`echo ${text}`) })
    const { client: other } = await server.connect()
    const accepted = server.accepted('/raw')
    const client = await server.connectRaw('/raw')
    client.write(client.upgrade)
    await accepted
    client.write(bytes)
    await until(() => server.hub.stats.drops.malformed === 1, 'the malformed frame')
    client.destroy()
    await until(() => server.closed.includes('/raw'), 'the handler of closed')
    other.send('x')
    expect(await other.next()).toBe('echo x')
    expect(server.errors).toEqual([])
  })
})

describe('close', () => {
  it('tells everyone to come back after what waits for them, and resolves when all is done', async () => {
    clock = new FakeClock()
    let release = () => {}
    const saved = new Promise<void>((resolve) => {
      release = resolve
    })
    const ended: string[] = []
    server = await serve({
      clock,
      closed: async (connection) => {
        await saved
        ended.push(connection.session)
      },
    })
    const members = await server.connectAll(10, 'room')
    server.hub.publish('room', 'last')
    const closing = server.hub.close()
    for (const { client } of members) {
      expect(await client.next()).toBe('last')
      expect(await client.closed).toEqual({ code: 1012, reason: 'RESTARTING' })
    }
    await until(() => server.hub.size === 0, 'the end of all')
    expect(ended).toEqual([])
    release()
    await closing
    expect(ended).toHaveLength(10)
    expect(server.hub.close()).toBe(closing)
  })

  it('refuses whoever comes while it closes, and tells their end too', async () => {
    clock = new FakeClock()
    server = await serve({ clock })
    const stubborn = await server.connect()
    stubborn.client.ws.pause()
    const closing = server.hub.close()
    const late = await server.connect()
    expect(late.connection.open).toBe(false)
    expect(await late.client.closed).toEqual({ code: 1012, reason: 'RESTARTING' })
    await until(() => server.closed.includes('/1'), "the late one's end")
    clock.advance(2000)
    await closing
    expect(server.closed).toEqual(['/1', '/0'])
    stubborn.client.ws.terminate()
  })

  it('does not wait for ever for a handler', async () => {
    clock = new FakeClock()
    server = await serve({ clock, message: () => new Promise(() => {}) })
    const { client } = await server.connect()
    client.send('x')
    await client.roundTrip()
    const closing = server.hub.close()
    await client.closed
    await until(() => server.sockets.get('/0')?.destroyed === true, 'the end of the socket')
    await turn()
    clock.advance(4000)
    await closing
    expect(server.closed).toEqual(['/0'])
  })

  it('leaves no timer, and is done at once where nobody is there', async () => {
    clock = new FakeClock()
    server = await serve({ clock })
    await server.hub.close()
    expect(clock.running).toBe(0)
  })
})
