import { TEXT_MAX } from '@switchboard/protocol/chat'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coalesce } from '../../src/domain/coalesce.ts'
import { createBacklog } from '../../src/domain/links/backlog.ts'
import { createBusOrigin } from '../../src/domain/links/bus-origin.ts'
import { READERS } from '../../src/domain/links/notices.ts'
import { createPace } from '../../src/domain/links/pace.ts'
import { createPoster } from '../../src/domain/links/poster.ts'
import { draftsOf, type Said } from '../../src/domain/links/said.ts'
import { FakeClock, settled } from './fake-clock.ts'

const said = (id: string, text = id): Said => ({ id, username: 'bob@channels', via: 'channels', text })

describe('a pace', () => {
  it('lets a burst through at once, then so many a second, and never saves up more than a burst', () => {
    let now = 0
    const pace = createPace({ burst: 200, perSecond: 50 }, () => now)
    expect(pace.allowed()).toBe(200)
    pace.spend(200)
    expect(pace.allowed()).toBe(0)
    now = 19
    expect(pace.allowed()).toBe(0)
    now = 1000
    expect(pace.allowed()).toBe(50)
    now = 100_000
    expect(pace.allowed()).toBe(200)
  })

  it('that is off lets everything through', () => {
    const pace = createPace(false, () => 0)
    pace.spend(10_000)
    expect(pace.allowed()).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('a backlog', () => {
  it('keeps what comes in its order, each once, until it is done', () => {
    const backlog = createBacklog<Said>(() => 0)
    for (const id of ['a', 'b', 'a', 'c']) backlog.add(said(id), 1)
    expect(backlog.first(2).map(({ id }) => id)).toEqual(['a', 'b'])
    backlog.remove(['a', 'unknown'])
    expect(backlog.first(9).map(({ id }) => id)).toEqual(['b', 'c'])
  })

  it('takes 64 MiB, and counts what it has no room for', () => {
    const backlog = createBacklog<Said>(() => 0)
    const mebibyte = 1024 * 1024
    for (let i = 0; i < 65; i++) backlog.add(said(`${i}`), mebibyte)
    expect([backlog.size, backlog.lost]).toEqual([64, 1])
    backlog.remove(['0'])
    backlog.add(said('again'), mebibyte)
    expect([backlog.size, backlog.lost]).toEqual([64, 1])
  })

  it('forgets what another did, and what came long before that', () => {
    let now = 0
    const backlog = createBacklog<Said>(() => now)
    backlog.add(said('word of it was lost'), 1)
    now = 31_000
    for (const id of ['done', 'not yet']) backlog.add(said(id), 1)
    backlog.settle(['unknown'])
    expect(backlog.size).toBe(3)
    backlog.settle(['done', 'unknown'])
    expect(backlog.first(9).map(({ id }) => id)).toEqual(['not yet'])
  })
})

describe('passes that are coalesced', () => {
  it('run one at a time, and each call is followed by a whole one', async () => {
    const ends: (() => void)[] = []
    let running = 0
    const again = coalesce(async () => {
      expect(++running).toBe(1)
      await new Promise<void>((resolve) => ends.push(resolve))
      running--
    })
    const first = again()
    await settled()
    const [second, third] = [again(), again()]
    expect(ends).toHaveLength(1)
    ends[0]?.()
    await first
    await settled()
    expect(ends).toHaveLength(2)
    ends[1]?.()
    await Promise.all([second, third])
    expect(ends).toHaveLength(2)
  })
})

describe('what is said', () => {
  const idOf = (...words: readonly string[]) => words.join('/')

  it('fits into messages of 4,096 characters that together are the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 3 }),
        fc.integer({ min: 0, max: 6000 }),
        (unit, times) => {
          const text = unit.repeat(times)
          const drafts = draftsOf(said('x', text), 'room', idOf, 0)
          const texts = drafts.map(({ textJson }) => JSON.parse(textJson) as string)
          expect(texts.join('')).toBe(text)
          for (const one of texts) expect([...one].length).toBeLessThanOrEqual(TEXT_MAX)
          expect(new Set(drafts.map(({ id }) => id)).size).toBe(drafts.length)
          expect(drafts.length).toBeGreaterThan(0)
        },
      ),
    )
  })

  it('on the bus never makes a reader throw, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (payload) => {
        for (const read of Object.values(READERS)) read(payload, 'x')
      }),
    )
  })
})

describe('a post', () => {
  const draft = { id: 'd', roomId: 'r', sender: { id: 0, username: 'bob@channels' }, textJson: '""', sent: 0 }
  const frame = { topic: 't', payload: Buffer.from('') }

  function posterOn(bus: { heard(): Promise<void>; flush(): Promise<void> }) {
    const published: string[] = []
    const stored: number[] = []
    const poster = createPoster({
      store: { appendOnce: async (drafts) => new Map(drafts.map(({ id }, i) => [id, i + 1])) },
      bus: { ...bus, publish: ({ topic }) => void published.push(topic) },
      onStored: (messages) => stored.push(...messages.map(({ number }) => number)),
    })
    return { poster, published, stored }
  }
  const isThere = async () => {}
  const isAway = () => Promise.reject(new Error('away'))

  it('that goes to channels too waits as a whole while they may miss it', async () => {
    const { poster, published, stored } = posterOn({ heard: isAway, flush: isAway })
    await expect(poster.post({ drafts: [draft], frames: [frame] })).rejects.toThrow('away')
    expect([published, stored]).toEqual([[], []])
    await poster.post({ drafts: [draft], frames: [] })
    expect(stored).toEqual([1])
  })

  it('is not done where the bus may not have taken it', async () => {
    const { poster, published } = posterOn({ heard: isThere, flush: isAway })
    await expect(poster.post({ drafts: [], frames: [frame] })).rejects.toThrow('away')
    expect(published).toEqual(['t'])
  })
})

describe('an origin on the bus', () => {
  function originWith(clock: FakeClock, post: (ids: string[]) => Promise<void>) {
    const done: string[] = []
    const errors: unknown[] = []
    const origin = createBusOrigin({
      clock,
      pace: createPace({ burst: 2, perSecond: 10 }, () => clock.now()),
      postOf: async (batch) => ({
        drafts: batch.flatMap((one) => draftsOf(one, 'room', (id) => id, 0)),
        frames: [],
      }),
      post: ({ drafts }) => post(drafts.map(({ id }) => id)),
      done: (ids) => done.push(...ids),
      onError: (error) => errors.push(error),
    })
    return { origin, done, errors }
  }

  it('brings nothing on while another process holds it, and then what that one did not', async () => {
    const clock = new FakeClock()
    const posted: string[] = []
    const { origin } = originWith(clock, async (ids) => void posted.push(...ids))
    for (const id of ['a', 'b', 'c']) origin.hear(said(id))
    await settled()
    expect([posted, origin.waiting]).toEqual([[], 3])
    origin.settle(['a'])
    origin.hold()
    await settled()
    expect(posted).toEqual(['b', 'c'])
  })

  it('goes at its pace, and tries again what failed, in order', async () => {
    const clock = new FakeClock()
    const posted: string[] = []
    let away = true
    const { origin, done, errors } = originWith(clock, async (ids) => {
      if (away) throw new Error('away')
      posted.push(...ids)
    })
    origin.hold()
    for (const id of ['a', 'b', 'c', 'd']) origin.hear(said(id))
    await clock.pass(3000)
    expect([posted, errors.length]).toEqual([[], 1])
    away = false
    await clock.pass(1000)
    expect(posted.slice(0, 2)).toEqual(['a', 'b'])
    await clock.pass(1000)
    expect(posted).toEqual(['a', 'b', 'c', 'd'])
    expect(done).toEqual(posted)
    expect(origin.waiting).toBe(0)
  })

  it('that ends brings on what waits, without regard to the pace', async () => {
    const clock = new FakeClock()
    const posted: string[] = []
    const { origin } = originWith(clock, async (ids) => void posted.push(...ids))
    origin.hold()
    const ids = Array.from({ length: 250 }, (_, i) => `${i}`)
    for (const id of ids) origin.hear(said(id))
    const closed = origin.close()
    await clock.pass(200)
    await closed
    expect(posted).toEqual(ids)
  })
})
