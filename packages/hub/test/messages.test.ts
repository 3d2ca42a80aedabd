import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock } from './fake-clock.ts'
import { type Server, serve, turn, until } from './server.ts'

let server: Server
afterEach(() => server[Symbol.asyncDispose]())

/** A promise that the test settles. */
function deferred() {
  let resolve = () => {}
  let reject = (_error: Error) => {}
  const promise = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

describe('messages', () => {
  it('reach the handler in order, a binary one as undefined', async () => {
    const got: unknown[] = []
    server = await serve({ message: (connection, text) => void got.push([connection.session, text]) })
    const { client } = await server.connect()
    client.send('one')
    client.send(Buffer.from('bytes'))
    client.send('')
    await client.roundTrip()
    expect(got).toEqual([
      ['/0', 'one'],
      ['/0', undefined],
      ['/0', ''],
    ])
    expect(server.hub.stats.received).toBe(3)
  })

  it('are heard from the first tick on, also those that came with the upgrade', async () => {
    const got: unknown[] = []
    server = await serve({ message: (_connection, text) => void got.push(text) })
    const client = await server.connectRaw()
    client.write(Buffer.concat([client.upgrade, client.text('early')]))
    await until(() => got.length === 1, 'the early message')
    expect(got).toEqual(['early'])
    client.destroy()
  })

  it('of one connection wait for the promise of the one before, and nobody else waits', async () => {
    const first = deferred()
    const got: string[] = []
    server = await serve({
      message: (connection, text) => {
        got.push(`${connection.session} ${text}`)
        return text === 'slow' ? first.promise : undefined
      },
    })
    const [ann, bob] = [await server.connect(), await server.connect()]
    for (const text of ['slow', 'b', 'c']) ann.client.send(text)
    await ann.client.roundTrip()
    bob.client.send('now')
    await bob.client.roundTrip()
    expect(got).toEqual(['/0 slow', '/1 now'])
    first.resolve()
    await until(() => got.length === 4, 'the messages that waited')
    expect(got.slice(2)).toEqual(['/0 b', '/0 c'])
  })

  it('may fail: the error is told, the connection stays, others notice nothing', async () => {
    server = await serve({
      message: (connection, text) => {
        if (text === 'throw') throw new Error('thrown')
        if (text === 'reject') return Promise.reject(new Error('rejected'))
        connection.send(`echo ${text}`)
        return undefined
      },
    })
    const [ann, bob] = [await server.connect(), await server.connect()]
    for (const text of ['throw', 'reject', 'a']) ann.client.send(text)
    bob.client.send('b')
    expect(await ann.client.next()).toBe('echo a')
    expect(await bob.client.next()).toBe('echo b')
    expect(server.errors.map(String)).toEqual(['Error: thrown', 'Error: rejected'])
    expect(ann.connection.open).toBe(true)
  })

  it('past the burst are delayed to the rate, in order, and not lost', async () => {
    const clock = new FakeClock()
    const got: string[] = []
    server = await serve({
      clock,
      limits: { burst: 200, perSecond: 50, waiting: 1000 },
      message: (_connection, text) => void got.push(text ?? ''),
    })
    const { client } = await server.connect()
    const sent = Array.from({ length: 300 }, (_, i) => `${i}`)
    for (const text of sent) client.send(text)
    await client.roundTrip()
    expect(got).toEqual(sent.slice(0, 200))
    clock.advance(1000)
    expect(got).toEqual(sent.slice(0, 250))
    clock.advance(1000)
    expect(got).toEqual(sent)
    const idle = clock.running
    clock.advance(4000)
    expect(clock.running).toBeLessThanOrEqual(idle)
    for (const text of sent.slice(0, 201)) client.send(text)
    await client.roundTrip()
    expect(got).toHaveLength(500)
  })

  it('of one that sends too fast do not delay those of another', async () => {
    const got: string[] = []
    server = await serve({
      clock: new FakeClock(),
      limits: { burst: 2, perSecond: 1, waiting: 100 },
      message: (connection, text) => void got.push(`${connection.session} ${text}`),
    })
    const [ann, bob] = [await server.connect(), await server.connect()]
    for (const text of ['1', '2', '3']) ann.client.send(text)
    await ann.client.roundTrip()
    bob.client.send('1')
    await bob.client.roundTrip()
    expect(got).toEqual(['/0 1', '/0 2', '/1 1'])
  })

  it('of which 1,000 wait close the connection with 1008, and the rest is dropped', async () => {
    let handled = 0
    server = await serve({ clock: new FakeClock(), message: () => void handled++ })
    const { client } = await server.connect()
    for (let i = 0; i < 1199; i++) client.send('x')
    await client.roundTrip()
    expect(server.hub.size).toBe(1)
    expect(handled).toBe(200)
    client.send('one more')
    expect(await client.closed).toEqual({ code: 1008, reason: 'TOO_MANY_MESSAGES' })
    await until(() => server.closed.length === 1, 'the handler of closed')
    expect(handled).toBe(200)
    expect(server.hub.stats.drops.tooManyMessages).toBe(1)
  })

  it('have no limit where it is off', async () => {
    let handled = 0
    server = await serve({ limits: false, message: () => void handled++ })
    const { client } = await server.connect()
    for (let i = 0; i < 5000; i++) client.send('x')
    await client.roundTrip()
    expect(handled).toBe(5000)
  })

  it('that are large are left in the network while many bytes wait, and all come in the end', async () => {
    const gate = deferred()
    let handled = 0
    server = await serve({
      limits: false,
      message: () => {
        handled++
        return gate.promise
      },
    })
    const { client } = await server.connect()
    const large = 'x'.repeat(64 * 1024)
    for (let i = 0; i < 100; i++) client.send(large)
    await until(() => server.hub.stats.received > 16, 'some of them')
    for (let i = 0; i < 20; i++) await turn()
    // 1 MiB waits, and one read's worth that was under way.
    expect(server.hub.stats.received).toBeLessThan(40)
    gate.resolve()
    await until(() => handled === 100, 'all of them')
  })

  it('that are left in the network do not keep a close from being answered', async () => {
    const gate = deferred()
    server = await serve({ clock: new FakeClock(), limits: false, message: () => gate.promise })
    const { client, connection } = await server.connect()
    for (let i = 0; i < 100; i++) client.send('x'.repeat(64 * 1024))
    await until(() => server.hub.stats.received > 16, 'some of them')
    connection.close(1008, 'GO')
    expect(await client.closed).toEqual({ code: 1008, reason: 'GO' })
    await until(() => server.sockets.get('/0')?.destroyed === true, 'the end of the socket')
    gate.resolve()
  })

  it('that came before a client went are handled before `closed`', async () => {
    const gate = deferred()
    const got: string[] = []
    server = await serve({
      message: async (_connection, text) => {
        await gate.promise
        got.push(text ?? '')
      },
      closed: () => void got.push('closed'),
    })
    const { client, connection } = await server.connect()
    for (const text of ['1', '2', '3']) client.send(text)
    client.ws.close(1000)
    await client.closed
    await until(() => !connection.open, 'the end of the connection')
    expect(got).toEqual([])
    gate.resolve()
    await until(() => got.length === 4, 'all that came')
    expect(got).toEqual(['1', '2', '3', 'closed'])
  })

  it('that wait are dropped when the service closes the connection', async () => {
    const gate = deferred()
    const got: string[] = []
    server = await serve({
      message: async (connection, text) => {
        got.push(text ?? '')
        connection.close(1008, 'BAD')
        await gate.promise
      },
      closed: () => void got.push('closed'),
    })
    const { client } = await server.connect()
    for (const text of ['1', '2', '3']) client.send(text)
    expect(await client.closed).toEqual({ code: 1008, reason: 'BAD' })
    gate.resolve()
    await until(() => got.includes('closed'), 'the handler of closed')
    expect(got).toEqual(['1', 'closed'])
  })
})
