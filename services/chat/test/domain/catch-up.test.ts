import { describe, expect, it } from 'vitest'
import { catchUp, type Missed } from '../../src/domain/rooms/catch-up.ts'
import { createMembers } from '../../src/domain/rooms/members.ts'

const message = (number: number, text = `${number}`) => ({ number, item: text })
const live = (number: number) => ({ number, item: Buffer.from(`${number}`) })
const upTo = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => message(first + index))

/** One room whose newest delivered message is `last`, and someone who comes back to it. */
function setUp(last: number) {
  let entered = false
  const frames: string[] = []
  const members = createMembers((payload) => {
    if (entered) frames.push(`[${payload}]`)
  })
  members.start(last)
  const receiver = {
    open: true,
    send: (frame: string) => void frames.push(frame),
    drained: async () => {},
  }
  const feed = {
    last: () => members.last,
    tap: () => members.tap(),
    hold: () => members.hold(),
    close() {},
  }
  const come = (read: () => Promise<Missed>) =>
    catchUp(receiver, feed, read, async () => {
      entered = true
    })
  return { members, receiver, frames, come, numbers: () => frames.flatMap((frame) => JSON.parse(frame)) }
}

describe('catching up', () => {
  it('sends what was missed, then goes on live', async () => {
    const { members, come, numbers } = setUp(5)
    expect(await come(async () => ({ messages: upTo(3, 5), more: false }))).toBe(true)
    members.deliver([live(6)])
    expect(numbers()).toEqual([3, 4, 5, 6])
  })

  it('says first that there was more', async () => {
    const { come, frames } = setUp(5)
    await come(async () => ({ messages: upTo(4, 5), more: true }))
    expect(frames).toEqual(['[]', '[4,5]'])
  })

  it('sends what was said while the store was asked, once', async () => {
    const { members, come, numbers } = setUp(5)
    await come(async () => {
      members.deliver([live(6)])
      const messages = upTo(4, 6)
      members.deliver([live(7), live(8)])
      return { messages, more: false }
    })
    members.deliver([live(9)])
    expect(numbers()).toEqual([4, 5, 6, 7, 8, 9])
  })

  it('leaves to the live messages what the store has and this process has not delivered yet', async () => {
    const { members, come, numbers } = setUp(5)
    await come(async () => ({ messages: upTo(4, 8), more: false }))
    members.deliver([live(6), live(7), live(8), live(9)])
    expect(numbers()).toEqual([4, 5, 6, 7, 8, 9])
  })

  it('keeps what comes while it enters for after that', async () => {
    const { members, receiver, frames } = setUp(5)
    let entered = false
    const feed = {
      last: () => members.last,
      tap: () => members.tap(),
      hold: () => members.hold(),
      close() {},
    }
    await catchUp(
      receiver,
      feed,
      async () => ({ messages: upTo(5, 5), more: false }),
      async () => {
        members.deliver([live(6)])
        entered = true
      },
    )
    expect(entered).toBe(true)
    expect(frames).toEqual(['[5]'])
    expect(members.last).toBe(6)
  })

  it('sends a long history in several frames, each when the one before is gone', async () => {
    const { receiver, come, frames } = setUp(100)
    const sentBefore: number[] = []
    receiver.drained = async () => void sentBefore.push(frames.length)
    const long = JSON.stringify('x'.repeat(4000))
    await come(async () => ({
      messages: upTo(1, 100).map(({ number }) => message(number, long)),
      more: false,
    }))
    expect(frames.length).toBeGreaterThan(3)
    expect(frames.every((frame) => frame.length < 80_000)).toBe(true)
    expect(frames.flatMap((frame) => JSON.parse(frame) as string[])).toHaveLength(100)
    expect(sentBefore).toEqual(frames.map((_, index) => index + 1))
  })

  it('gives up on someone who reads it more slowly than the room talks', async () => {
    const { members, receiver, come } = setUp(1)
    receiver.drained = async () =>
      members.deliver(
        Array.from({ length: 100 }, (_, index) => ({ number: 2 + index, item: Buffer.alloc(16_000) })),
      )
    expect(await come(async () => ({ messages: upTo(1, 1), more: false }))).toBe(false)
  })

  it('leaves nothing behind where the store does not answer', async () => {
    const { members, come, numbers } = setUp(5)
    await expect(
      come(async () => {
        throw new Error('the store is away')
      }),
    ).rejects.toThrow('the store is away')
    members.deliver([live(6)])
    expect(members.last).toBe(6)
    expect(numbers()).toEqual([])
  })
})
