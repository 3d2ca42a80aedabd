import { describe, expect, test, vi } from 'vitest'
import { answerJson, startFake } from './support/fake.ts'
import { history, join, message } from './support/room.ts'

const said = Array.from({ length: 23 }, (_, n) => message(`${n}`, 1))

describe('history', () => {
  test('is the newest of the room, and what is right before a message', async () => {
    await using fake = await startFake({ http: history(said) })
    const room = join(fake.url)
    expect(await room.history({ count: 3 })).toEqual(said.slice(-3))
    expect(await room.history({ before: said[20]?.id, count: 3 })).toEqual(said.slice(17, 20))
    expect(await room.history({ before: said[0]?.id })).toEqual([])
    room.close()
  })

  test.each([1, 7, 22, 23, 24])('read in pages of %d is every message once, in order', async (count) => {
    await using fake = await startFake({ http: history(said) })
    const room = join(fake.url)
    const read: typeof said = []
    for (let full = true; full; ) {
      const page = await room.history({ before: read[0]?.id, count })
      read.unshift(...page)
      full = page.length === count
    }
    expect(read).toEqual(said)
    room.close()
  })

  test('is told by no event, moves nothing, and goes without a connection', async () => {
    await using fake = await startFake({ http: history(said), refuse: () => 503 })
    const room = join(fake.url, { after: said[9]?.id ?? '' })
    const heard = vi.fn()
    room.on('message', heard)
    expect(await room.history({ before: said[4]?.id })).toEqual(said.slice(0, 4))
    expect(heard).not.toHaveBeenCalled()
    expect(room.last).toBe(said[9]?.id)
    room.close()
  })

  test('of a room that nobody joined yet is empty', async () => {
    await using fake = await startFake()
    const room = join(fake.url)
    expect(await room.history()).toEqual([])
    room.close()
  })

  test('before a message that the room does not have rejects with MESSAGE_NOT_FOUND', async () => {
    await using fake = await startFake({ http: history(said) })
    const room = join(fake.url)
    await expect(room.history({ before: message('elsewhere').id })).rejects.toMatchObject({
      name: 'ServerError',
      code: 'MESSAGE_NOT_FOUND',
      status: 404,
      retryable: false,
    })
    room.close()
  })

  test('of a server that answers garbage rejects with BAD_ANSWER', async () => {
    const known = history(said)
    await using fake = await startFake({
      http(request, response) {
        if (request.url?.includes('before=')) answerJson(response, 200, { error: null, data: [{ id: 'x' }] })
        else known(request, response)
      },
    })
    const room = join(fake.url)
    await expect(room.history({ before: 'x' })).rejects.toMatchObject({ code: 'BAD_ANSWER', retryable: true })
    room.close()
  })

  test('may be given up, by its own signal and by the room’s', async () => {
    await using fake = await startFake({ http: () => {} })
    const aborter = new AbortController()
    const room = join(fake.url, { signal: aborter.signal })
    const own = room.history({ signal: AbortSignal.abort(new Error('never mind')) })
    await expect(own).rejects.toThrow('never mind')
    const asked = room.history()
    aborter.abort(new Error('gone'))
    await expect(asked).rejects.toThrow('gone')
  })
})
