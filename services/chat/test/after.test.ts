import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Installation, install } from './support/installation.ts'
import { join, type Member, type Message, type Person, signUp } from './support/people.ts'

let installation: Installation
let wsUrl: string
let alice: Person
let bob: Person
beforeAll(async () => {
  installation = await install({ limits: 'off' })
  wsUrl = installation.first.wsUrl
  alice = await signUp(installation.first.url, 'alice')
  bob = await signUp(installation.first.url, 'bob')
})
afterAll(() => installation[Symbol.asyncDispose]())

const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => `${first + index}`)

/** Fills a room with messages that say their numbers. */
async function fill(room: string, count: number): Promise<Message[]> {
  await using member = await join(wsUrl, room, alice)
  member.say(...range(1, count))
  return await member.hear(count)
}

describe('?after=', () => {
  it('sends what came after that message, then goes on live', async () => {
    const said = await fill('after', 10)
    await using back = await join(wsUrl, 'after', { ...bob, after: said[6]?.id ?? '' })
    expect(await back.hear(3)).toEqual(said.slice(7))
    back.say('live')
    expect(await back.hearTexts(1)).toEqual(['live'])
  })

  it('sends nothing where nothing was missed', async () => {
    const said = await fill('nothing-missed', 3)
    await using back = await join(wsUrl, 'nothing-missed', { ...bob, after: said[2]?.id ?? '' })
    back.say('live')
    expect(await back.client.nextJson()).toMatchObject([{ text: 'live' }])
  })

  it('works for guests, and in another process', async () => {
    await using other = await installation.start('guests')
    const said = await fill('after-guest', 3)
    await using guest = await join(other.wsUrl, 'after-guest', { after: said[0]?.id ?? '' })
    expect(await guest.hearTexts(2)).toEqual(['2', '3'])
  })

  it('sends 1,000 messages without a word about more', async () => {
    const said = await fill('thousand', 1001)
    await using back = await join(wsUrl, 'thousand', { ...bob, after: said[0]?.id ?? '' })
    const first = await back.client.nextJson<Message[]>()
    expect(first.length).toBeGreaterThan(0)
    expect([...first.map(({ text }) => text), ...(await back.hearTexts(1000 - first.length))]).toEqual(
      range(2, 1001),
    )
  })

  it('sends [] and then the newest 1,000 where more was missed', async () => {
    const said = await fill('more', 1002)
    await using back = await join(wsUrl, 'more', { ...bob, after: said[0]?.id ?? '' })
    expect(await back.client.nextJson()).toEqual([])
    expect(await back.hearTexts(1000)).toEqual(range(3, 1002))
    expect(await back.rest()).toEqual([])
  })

  it.each([
    ['of nobody', randomUUID()],
    ['of another room', 'other'],
    ['that is none', 'abc'],
    ['that is none and long', '%00'],
  ])('with an id %s sends [] and then the newest, as where too much was missed', async (what, id) => {
    const room = `unknown-${what.replaceAll(' ', '-')}`
    await fill(room, 3)
    const after = id === 'other' ? (await fill('another-room', 1))[0]?.id : id
    await using back = await join(wsUrl, room, { ...bob, after: after ?? '' })
    expect(await back.client.nextJson()).toEqual([])
    expect(await back.hearTexts(3)).toEqual(['1', '2', '3'])
  })

  it('that is empty is none', async () => {
    await fill('empty-after', 3)
    await using back = await join(wsUrl, 'empty-after', { ...bob, after: '' })
    back.say('live')
    expect(await back.client.nextJson()).toMatchObject([{ text: 'live' }])
  })

  it('sends long texts too, in frames of a bounded size', async () => {
    await using member = await join(wsUrl, 'long', alice)
    for (let i = 0; i < 300; i++) member.say('x'.repeat(4000))
    const said = await member.hear(300)
    await using back = await join(wsUrl, 'long', { ...bob, after: said[0]?.id ?? '' })
    const heard: Message[] = []
    while (heard.length < 299) {
      const frame = await back.client.next()
      expect(frame.length).toBeLessThan(100_000)
      heard.push(...(JSON.parse(frame) as Message[]))
    }
    expect(heard).toEqual(said.slice(1))
  })

  it('misses nothing and doubles nothing while others go on talking, in both processes', async () => {
    await using other = await installation.start('talking')
    const [first] = await fill('busy', 1)
    await using a = await join(wsUrl, 'busy', alice)
    await using b = await join(other.wsUrl, 'busy', bob)
    const total = 1200
    let stop = false
    const talk = (async () => {
      for (let i = 0; i < total / 12 && !stop; i++) {
        for (const speaker of [a, b]) speaker.say(...range(6 * i, 6 * i + 5))
        await a.client.roundTrip()
      }
    })()
    await using stack = new AsyncDisposableStack()
    const comers: Member[] = []
    for (let i = 0; i < 20; i++) {
      const at = i % 2 ? wsUrl : other.wsUrl
      comers.push(stack.use(await join(at, 'busy', { after: first?.id ?? '' })))
    }
    await talk
    stop = true
    const all = await a.hear(total)
    for (const comer of comers) {
      const heard = await comer.hear(total).catch((error) => {
        throw new Error(`a comer missed something: ${error}`)
      })
      expect(heard.map(({ id }) => id).join('\n')).toBe(all.map(({ id }) => id).join('\n'))
      expect(await comer.rest()).toEqual([])
    }
  })
})
