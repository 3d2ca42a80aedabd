import {
  connectChat,
  getMessages,
  getRoom,
  logIn,
  type Message,
  type Room,
  signUp,
} from '@switchboard/sdk/chat'
import { lineTo } from '@switchboard/testing/line'
import { describe, expect, test, vi } from 'vitest'
import { freshName, type Origin } from '../origin.ts'
import { becomes, next, over, person, portOf } from './clients.ts'

const textsOf = (messages: readonly Message[]) => messages.map(({ text }) => text)

/** What the SDK promises of chat, with an installation that limits nobody. */
export function chatSuite(origin: () => Origin): void {
  async function historyOf(name: string): Promise<Message[]> {
    const { url } = origin()
    const { id } = await getRoom({ url }, name)
    return getMessages({ url }, { roomId: id, count: 200 })
  }

  describe('two people', () => {
    test('talk in a room, and a guest reads along', async () => {
      const [alice, bob] = await Promise.all([person(origin(), 'alice'), person(origin(), 'bob')])
      const { url } = origin()
      const name = freshName('room')
      const rooms = [alice.token, bob.token, undefined].map((token) => connectChat({ url, token }).join(name))
      const [a, b, guest] = rooms as [Room, Room, Room]
      await Promise.all(rooms.map(({ opened }) => opened))
      const heard = rooms.map((room) => next(room, 2))
      const hello = await a.send('hello')
      expect(hello).toMatchObject({ sender: alice.user, text: 'hello' })
      await b.send('hello yourself')
      for (const messages of await Promise.all(heard)) {
        expect(messages[0]).toEqual(hello)
        expect(textsOf(messages)).toEqual(['hello', 'hello yourself'])
      }
      await expect(guest.send('me too')).rejects.toMatchObject({ code: 'READ_ONLY' })
      expect(guest.state).toBe('open')
      for (const room of rooms) room.close()
    })

    test('miss nothing and hear nothing twice over lines that are cut again and again', async () => {
      const [alice, bob] = await Promise.all([person(origin(), 'alice'), person(origin(), 'bob')])
      const name = freshName('room')
      await using first = await lineTo(portOf(origin()))
      await using second = await lineTo(portOf(origin()), { delayMs: 5 })
      const a = connectChat({ url: over(first), token: alice.token }).join(name, { confirmMs: 2_000 })
      const b = connectChat({ url: over(second), token: bob.token }).join(name, { confirmMs: 2_000 })
      const heard = [a, b].map((room) => {
        const messages: Message[] = []
        room.on('message', (message) => messages.push(message))
        return messages
      })
      await Promise.all([a.opened, b.opened])
      const rounds = 15
      const sends: Promise<Message>[] = []
      for (let round = 0; round < rounds; round++) {
        for (const [who, room] of [a, b].entries()) sends.push(room.send(`${who} ${round}`))
        const line = round % 2 === 0 ? first : second
        const room = round % 2 === 0 ? a : b
        const lost = becomes(room, 'waiting')
        line.cut()
        await lost
        line.mend()
        await becomes(room, 'open')
      }
      const known = (await Promise.allSettled(sends)).flatMap((one) =>
        one.status === 'fulfilled' ? [one.value] : [],
      )
      const stored = await historyOf(name)
      for (const messages of heard) await vi.waitFor(() => expect(messages).toEqual(stored))
      // What was said to have been stored was, each by itself.
      expect(new Set(known.map(({ id }) => id)).size).toBe(known.length)
      expect(new Set(textsOf(stored)).size).toBe(stored.length)
      for (const message of known) expect(stored).toContainEqual(message)
      expect(known.length).toBeGreaterThanOrEqual(rounds)
      a.close()
      b.close()
    })
  })

  describe('a client', () => {
    test('that was cut off before it heard anything hears what was said meanwhile', async () => {
      const bob = await person(origin(), 'bob')
      const name = freshName('room')
      await using line = await lineTo(portOf(origin()))
      const guest = connectChat({ url: over(line) }).join(name)
      await guest.opened
      const lost = becomes(guest, 'waiting')
      line.cut()
      await lost
      const room = connectChat({ url: origin().url, token: bob.token }).join(name)
      await room.send('you were away')
      line.mend()
      expect(textsOf(await next(guest, 1))).toEqual(['you were away'])
      room.close()
      guest.close()
    })

    test('whose line went silent notices, and comes back', async () => {
      const bob = await person(origin(), 'bob')
      const name = freshName('room')
      const room = connectChat({ url: origin().url, token: bob.token }).join(name)
      await room.send('before')
      await using line = await lineTo(portOf(origin()))
      const guest = connectChat({ url: over(line) }).join(name, { quietMs: 100, timeoutMs: 500 })
      await guest.opened
      line.stall()
      await room.send('into the silence')
      const lost = becomes(guest, 'waiting')
      await lost
      line.mend()
      expect(textsOf(await next(guest, 1))).toEqual(['into the silence'])
      room.close()
      guest.close()
    })

    test('that missed more than is sent is told of the gap, and goes on after it', async () => {
      const bob = await person(origin(), 'bob')
      const name = freshName('room')
      const room = connectChat({ url: origin().url, token: bob.token }).join(name)
      const { id } = await room.send('seen')
      const missed = 1_010
      for (let sent = 0; sent < missed; sent += 505)
        await Promise.all(Array.from({ length: 505 }, (_, n) => room.send(`${sent + n}`)))
      const late = connectChat({ url: origin().url }).join(name, { after: id })
      const order: string[] = []
      late.on('gap', () => order.push('gap'))
      late.on('message', ({ text }) => order.push(text))
      await vi.waitFor(() => expect(order).toHaveLength(1_001))
      expect(order).toEqual(['gap', ...Array.from({ length: 1_000 }, (_, n) => `${n + 10}`)])
      room.close()
      late.close()
    })

    test('reads a room back to its beginning, page by page, as a guest too', async () => {
      const { url } = origin()
      const bob = await person(origin(), 'bob')
      const name = freshName('room')
      const room = connectChat({ url, token: bob.token }).join(name)
      const said = await Promise.all(Array.from({ length: 60 }, (_, n) => room.send(`${n}`)))
      const guest = connectChat({ url }).join(name)
      const read: Message[] = []
      for (let full = true; full; ) {
        const page = await guest.history({ before: read[0]?.id, count: 25 })
        read.unshift(...page)
        full = page.length === 25
        await room.send('meanwhile')
      }
      expect(read).toEqual(said)
      const elsewhere = connectChat({ url, token: bob.token }).join(freshName('room'))
      await elsewhere.send('elsewhere')
      await expect(elsewhere.history({ before: said[0]?.id })).rejects.toMatchObject({
        code: 'MESSAGE_NOT_FOUND',
        status: 404,
        retryable: false,
      })
      for (const one of [room, guest, elsewhere]) one.close()
    })

    test('whose token was taken back, or is none, is told so and does not come back', async () => {
      const { url } = origin()
      const lobby = connectChat({ url, token: 'eyJhbGciOiJIUzI1NiJ9.e30.x' }).join('lobby')
      expect(await lobby.closed).toMatchObject({ code: 'UNAUTHORIZED', status: 401, retryable: false })
      const nowhere = connectChat({ url }).join('no such name')
      expect(await nowhere.closed).toMatchObject({ code: 'BAD_BINDING', status: 400, retryable: false })
    })

    test('is told over HTTP what was wrong', async () => {
      const { url } = origin()
      const credentials = { username: freshName('twice'), secret: 'correct horse' }
      await signUp({ url }, credentials)
      await expect(signUp({ url }, credentials)).rejects.toMatchObject({ code: 'USER_EXISTS', status: 400 })
      await expect(logIn({ url }, { ...credentials, secret: 'wrong' })).rejects.toMatchObject({
        name: 'ServerError',
        code: 'PASSWORD_MATCH_FAILED',
        retryable: false,
      })
      await expect(getRoom({ url }, freshName('nobody'))).rejects.toMatchObject({ code: 'ROOM_NOT_FOUND' })
    })
  })
}
