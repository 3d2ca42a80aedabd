import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { connectChat, type Message, type Room } from '../src/chat.ts'
import { startFake } from './support/fake.ts'
import { history, join, message, NO_MESSAGE } from './support/room.ts'

async function texts(room: Room, count: number): Promise<string[]> {
  const seen: string[] = []
  for await (const { text } of room) if (seen.push(text) === count) break
  return seen
}

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('where a room begins', () => {
  test('with what is said from now on, whatever becomes of the first connection', async () => {
    const [old, missed] = [message('old', 1), message('missed', 1)]
    await using fake = await startFake({ http: history([old]) })
    const room = join(fake.url)
    const first = await fake.peer()
    expect(first.url).toBe(`/api/v1/rooms/lobby/messages/ws?after=${old.id}`)
    first.ws.terminate()
    const second = await fake.peer()
    expect(second.url).toBe(first.url)
    second.say([missed])
    expect(await texts(room, 1)).toEqual(['missed'])
    room.close()
  })

  test('with the history that is asked for', async () => {
    const messages = ['one', 'two', 'three'].map((text) => message(text, 1))
    await using fake = await startFake({ http: history(messages) })
    const room = join(fake.url, { history: 2 })
    const peer = await fake.peer()
    expect(peer.url).toContain(`?after=${messages[2]?.id}`)
    peer.say([message('four', 1)])
    expect(await texts(room, 3)).toEqual(['two', 'three', 'four'])
    room.close()
  })

  test('after the message that was seen last', async () => {
    const { id } = message('seen')
    await using fake = await startFake()
    const room = join(fake.url, { after: id })
    expect((await fake.peer()).url).toContain(`?after=${id}`)
    expect(room.last).toBe(id)
    room.close()
  })

  test('empty, and then nothing is a gap', async () => {
    await using fake = await startFake()
    const room = join(fake.url)
    const gap = vi.fn()
    room.on('gap', gap)
    const peer = await fake.peer()
    expect(peer.url).toContain(`?after=${NO_MESSAGE}`)
    peer.say([], [message('first', 1)])
    expect(await texts(room, 1)).toEqual(['first'])
    expect(gap).not.toHaveBeenCalled()
    room.close()
  })

  test('named as anybody may name one, in the path', async () => {
    await using fake = await startFake()
    const room = connectChat({ url: fake.url }).join('комната')
    expect((await fake.peer()).url).toContain(`/rooms/${encodeURIComponent('комната')}/`)
    room.close()
  })
})

describe('what was missed', () => {
  test('comes in order, and nothing twice, although a server sends it again', async () => {
    const [one, two, three] = ['one', 'two', 'three'].map((text) => message(text, 1)) as [
      Message,
      Message,
      Message,
    ]
    await using fake = await startFake()
    const room = join(fake.url)
    const first = await fake.peer()
    first.say([one, two])
    const seen = texts(room, 3)
    await vi.waitFor(() => expect(room.last).toBe(two.id))
    first.ws.close(1012)
    const second = await fake.peer()
    expect(second.url).toContain(`?after=${two.id}`)
    second.say([one, two, three])
    expect(await seen).toEqual(['one', 'two', 'three'])
    room.close()
  })

  test('is told to be more than was sent, before what comes after the gap', async () => {
    await using fake = await startFake()
    const room = join(fake.url, { after: message('seen').id })
    const heard: string[] = []
    room.on('gap', () => heard.push('gap'))
    room.on('message', ({ text }) => heard.push(text))
    ;(await fake.peer()).say([], [message('newest', 1)])
    await texts(room, 1)
    expect(heard).toEqual(['gap', 'newest'])
    room.close()
  })

  test('over a connection that died silently is found by asking for what the room has', async () => {
    const [old, missed] = [message('old', 1), message('missed', 1)]
    const kept = [old]
    await using fake = await startFake({ http: (...both) => history(kept)(...both) })
    const room = join(fake.url, { quietMs: 30, timeoutMs: 100 })
    const silent = await fake.peer()
    kept.push(missed)
    const second = await fake.peer()
    second.say([missed])
    expect(await texts(room, 1)).toEqual(['missed'])
    expect(silent.url).toBe(second.url)
    room.close()
  })

  test('is nothing in a quiet room, whose connection stays', async () => {
    let asked = 0
    const answer = history([message('old', 1)])
    await using fake = await startFake({
      http(request, response) {
        if (request.url?.startsWith('/api/v1/messages')) asked++
        answer(request, response)
      },
    })
    const room = join(fake.url, { quietMs: 10, timeoutMs: 5_000 })
    await vi.waitFor(() => expect(asked).toBeGreaterThan(5))
    expect([room.state, fake.count]).toEqual(['open', 1])
    room.close()
  })
})

describe('what is said', () => {
  test('is stored when it comes back, and is one’s own', async () => {
    await using fake = await startFake()
    const room = join(fake.url)
    const sent = room.send('hi')
    const peer = await fake.peer()
    expect(JSON.parse(await peer.heard())).toEqual({ text: 'hi' })
    const own = message('hi')
    peer.say([
      message('hi', 1),
      { ...message('hi', 0), sender: { id: 0, username: 'x@channels', via: 'channels' } },
    ])
    peer.say([own])
    expect(await sent).toEqual(own)
    room.close()
  })

  test('twice comes back twice, the first first', async () => {
    await using fake = await startFake()
    const room = join(fake.url)
    const all = ['a', 'b', 'a'].map((text) => room.send(text))
    const peer = await fake.peer()
    const stored = ['a', 'b', 'a'].map((text) => message(text))
    peer.say(stored.slice(0, 2), stored.slice(2))
    expect(await Promise.all(all)).toEqual(stored)
    room.close()
  })

  test('while there is no connection waits for one', async () => {
    await using fake = await startFake()
    const room = join(fake.url)
    const first = await fake.peer()
    await room.opened
    first.ws.terminate()
    await new Promise<void>((resolve) => room.on('state', ({ state }) => state === 'waiting' && resolve()))
    const sent = room.send('later')
    const second = await fake.peer()
    expect(JSON.parse(await second.heard())).toEqual({ text: 'later' })
    second.say([message('later')])
    expect(await sent).toMatchObject({ text: 'later' })
    room.close()
  })

  test('over a connection that broke is never said again, and found in what was missed', async () => {
    await using fake = await startFake()
    const room = join(fake.url)
    const stored = room.send('stored')
    const first = await fake.peer()
    await first.heard()
    first.ws.terminate()
    const second = await fake.peer()
    second.say([message('stored')])
    expect(await stored).toMatchObject({ text: 'stored' })
    const next = room.send('next')
    expect(JSON.parse(await second.heard())).toEqual({ text: 'next' })
    second.say([message('next')])
    await next
    room.close()
  })

  test('and never comes back is UNCONFIRMED, and the connection is not trusted any more', async () => {
    await using fake = await startFake()
    const room = join(fake.url, { confirmMs: 50 })
    const sent = room.send('lost')
    await expect(sent).rejects.toMatchObject({ code: 'UNCONFIRMED', retryable: false })
    await fake.peer()
    await fake.peer()
    room.close()
  })

  test('and not stored is told to be so', async () => {
    await using fake = await startFake()
    const room = join(fake.url)
    const sent = room.send('lost')
    const peer = await fake.peer()
    await peer.heard()
    peer.ws.close(1013, 'NOT_STORED')
    await expect(sent).rejects.toMatchObject({ code: 'NOT_STORED', retryable: true, closeCode: 1013 })
    await fake.peer()
    room.close()
  })

  test('fails with what ends the room', async () => {
    await using fake = await startFake()
    const room = join(fake.url)
    const sent = room.send('hi')
    ;(await fake.peer()).ws.close(1008, 'TOKEN_REVOKED')
    await expect(sent).rejects.toMatchObject({ code: 'TOKEN_REVOKED', retryable: false })
    await expect(room.send('hi')).rejects.toMatchObject({ code: 'TOKEN_REVOKED' })
    await expect(texts(room, 1)).rejects.toMatchObject({ code: 'TOKEN_REVOKED' })
    const closed = join(fake.url)
    const other = closed.send('hi')
    closed.close()
    await expect(other).rejects.toMatchObject({ code: 'ENDED' })
  })

  test('and nobody waits for, ends without a word when the room is closed', async () => {
    await using fake = await startFake()
    const room = join(fake.url)
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    void room.send('never mind')
    room.close()
    // Node tells of what nobody handled when it is done with what was queued before.
    await new Promise((resolve) => setImmediate(resolve))
    expect(unhandled).not.toHaveBeenCalled()
    process.off('unhandledRejection', unhandled)
  })

  test('may be given up, and is not sent where it still waits', async () => {
    await using fake = await startFake()
    const room = join(fake.url)
    const aborter = new AbortController()
    const [first, second] = [room.send('one', { signal: aborter.signal }), room.send('two')]
    aborter.abort(new Error('never mind'))
    await expect(first).rejects.toThrow('never mind')
    const peer = await fake.peer()
    expect(JSON.parse(await peer.heard())).toEqual({ text: 'two' })
    peer.say([message('two')])
    await second
    room.close()
  })

  test('is refused before it is sent: by a guest, too long, or too much', async () => {
    await using fake = await startFake()
    const guest = connectChat({ url: fake.url }).join('lobby')
    await expect(guest.send('hi')).rejects.toMatchObject({ code: 'READ_ONLY', retryable: false })
    guest.close()
    const room = join(fake.url)
    const isLong = { code: 'BAD_MESSAGE', retryable: false }
    await expect(room.send('x'.repeat(4097))).rejects.toMatchObject(isLong)
    await expect(room.send('\u0000'.repeat(4096))).rejects.toMatchObject(isLong)
    const waiting = Array.from({ length: 1000 }, (_, n) => room.send(`${n}`))
    await expect(room.send('one more')).rejects.toMatchObject({ code: 'BUFFER_FULL', retryable: true })
    room.close()
    for (const { status } of await Promise.allSettled(waiting)) expect(status).toBe('rejected')
  })

  test('of 4,096 characters outside the basic plane is not too long', async () => {
    await using fake = await startFake()
    const room = join(fake.url)
    const text = '😀'.repeat(4000)
    const sent = room.send(text)
    const peer = await fake.peer()
    expect(JSON.parse(await peer.heard())).toEqual({ text })
    peer.say([message(text)])
    await sent
    room.close()
  })
})

describe('an iterator', () => {
  test('starts with what came before anybody looked; a second one with what comes from then on', async () => {
    await using fake = await startFake()
    const room = join(fake.url)
    const peer = await fake.peer()
    peer.say([message('early', 1)])
    await vi.waitFor(() => expect(room.last).toBeDefined())
    const first = room[Symbol.asyncIterator]()
    const second = room[Symbol.asyncIterator]()
    peer.say([message('late', 1)])
    expect((await first.next()).value).toMatchObject({ text: 'early' })
    for (const iterator of [first, second])
      expect((await iterator.next()).value).toMatchObject({ text: 'late' })
    room.close()
    expect(await first.next()).toEqual({ value: undefined, done: true })
  })

  test('that nobody reads ends with TOO_SLOW after what it holds, and disturbs no other', async () => {
    await using fake = await startFake()
    const room = join(fake.url)
    const idle = room[Symbol.asyncIterator]()
    const busy = room[Symbol.asyncIterator]()
    const peer = await fake.peer()
    const total = 10_100
    for (let n = 0; n < total; n += 100)
      peer.say(Array.from({ length: 100 }, (_, i) => message(`${n + i}`, 1)))
    for (let n = 0; n < total; n++) expect((await busy.next()).value?.text).toBe(`${n}`)
    for (let n = 0; n < 10_000; n++) expect((await idle.next()).value?.text).toBe(`${n}`)
    await expect(idle.next()).rejects.toMatchObject({ code: 'TOO_SLOW' })
    expect(await idle.next()).toMatchObject({ done: true })
    room.close()
  })
})
