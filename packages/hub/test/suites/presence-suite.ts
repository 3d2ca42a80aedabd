import { afterEach, describe, expect, it } from 'vitest'
import type { Entry, Gone, Presence } from '../../src/presence.ts'

/** What presences of several processes share. Each test gets its own. */
export interface PresenceWorld {
  /** The presence of a new process of that name. The suite closes it. */
  presence(processId: string): Promise<Presence> | Presence
  /** The process dies without a word; resolves once its lease has run out. */
  crash(processId: string): Promise<void> | void
  /** A claim goes to another's connection as if its process had been away for longer than its lease. */
  steal(key: string, connection: string, processId: string): Promise<void> | void
  /** How many places and claims are kept anywhere. */
  kept(): Promise<number> | number
  close?(): Promise<void> | void
}

/** Counts what a watch tells, and can be awaited. */
class Watcher {
  calls = 0
  readonly #presence: Presence
  #tell: (() => void) | undefined

  constructor(presence: Presence) {
    this.#presence = presence
  }

  watch(place: string): Promise<() => void> {
    return this.#presence.watch(place, () => {
      this.calls++
      this.#tell?.()
    })
  }

  /** Resolves at the next call. */
  told(): Promise<void> {
    return new Promise((resolve) => {
      this.#tell = resolve
    })
  }
}

const entry = (connection: string, person: string, since = 1, info?: unknown): Entry =>
  info === undefined ? { connection, person, since } : { connection, person, since, info }

/** What every {@link Presence} does, wherever it keeps its entries. */
export function presenceSuite(name: string, open: () => Promise<PresenceWorld> | PresenceWorld): void {
  describe(`presence (${name})`, () => {
    const opened: { close?(): Promise<void> | void }[] = []

    afterEach(async () => {
      for (const { close } of opened.splice(0).reverse()) await close?.()
    })

    async function start() {
      const world = await open()
      opened.push({ close: () => world.close?.() })
      const process = async (id: string) => {
        const presence = await world.presence(id)
        const gone: Gone[] = []
        presence.onExpired('', (expired) => void gone.push(expired))
        opened.push({ close: () => presence.close() })
        return { presence, gone }
      }
      return { world, a: await process('a'), b: await process('b'), process }
    }

    it('tells of a dead process only those that answer for the place', async () => {
      const { world, a, b: other } = await start()
      const deaf = await world.presence('c')
      opened.push({ close: () => deaf.close() })
      const told: string[] = []
      deaf.onExpired('ide:', ({ place }) => void told.push(place))
      const b = await world.presence('d')
      for (const place of ['chat:x', 'ide:x']) await b.enter(place, entry('d.1', 'ann'))
      await world.crash('d')
      const heard = [...told, ...[...a.gone, ...other.gone].map(({ place }) => place)]
      expect(heard.sort()).toEqual(['chat:x', 'ide:x'])
      expect(told).not.toContain('chat:x')
    })

    it('shows everyone everywhere who is in a place, oldest first', async () => {
      const { a, b } = await start()
      await a.presence.enter('p', entry('a.1', 'ann', 30, { nick: 'Ann' }))
      await b.presence.enter('p', entry('b.1', 'bob', 10))
      await a.presence.enter('p', entry('a.2', 'cy', 20))
      await b.presence.enter('q', entry('b.2', 'dee', 1))
      const list = [entry('b.1', 'bob', 10), entry('a.2', 'cy', 20), entry('a.1', 'ann', 30, { nick: 'Ann' })]
      expect(await a.presence.list('p')).toEqual(list)
      expect(await b.presence.list('p')).toEqual(list)
      expect(await a.presence.list('nowhere')).toEqual([])
    })

    it("says who is a person's first connection in a place, and who its last", async () => {
      const { a, b } = await start()
      expect(await a.presence.enter('p', entry('a.1', 'ann'))).toEqual({ first: true })
      expect(await b.presence.enter('p', entry('b.1', 'ann'))).toEqual({ first: false })
      expect(await b.presence.enter('q', entry('b.1', 'ann'))).toEqual({ first: true })
      expect(await a.presence.leave('p', 'a.1')).toEqual({ last: false, entry: entry('a.1', 'ann') })
      expect(await b.presence.leave('p', 'b.1')).toEqual({ last: true, entry: entry('b.1', 'ann') })
      expect(await b.presence.leave('p', 'b.1')).toBeUndefined()
      expect(await b.presence.leave('nowhere', 'b.1')).toBeUndefined()
      expect(await b.presence.list('q')).toHaveLength(1)
    })

    it('counts a connection that enters twice once, and keeps what it said last', async () => {
      const { a } = await start()
      await a.presence.enter('p', entry('a.1', 'ann', 1, 'old'))
      expect(await a.presence.enter('p', entry('a.1', 'ann', 2, 'new'))).toEqual({ first: false })
      expect(await a.presence.list('p')).toEqual([entry('a.1', 'ann', 2, 'new')])
      expect((await a.presence.leave('p', 'a.1'))?.last).toBe(true)
    })

    it('has exactly one first and one last when many come and go at once', async () => {
      const { a, b } = await start()
      const connections = Array.from({ length: 50 }, (_, i) => ({
        by: i % 2 ? a : b,
        id: `${i % 2 ? 'a' : 'b'}.${i}`,
      }))
      const entered = await Promise.all(
        connections.map(({ by, id }) => by.presence.enter('p', entry(id, 'ann'))),
      )
      expect(entered.filter(({ first }) => first)).toHaveLength(1)
      const left = await Promise.all(connections.map(({ by, id }) => by.presence.leave('p', id)))
      expect(left.filter((one) => one?.last)).toHaveLength(1)
    })

    it('gives a claim to one, until that one releases it', async () => {
      const { a, b } = await start()
      expect(await a.presence.claim('nick:x', 'a.1')).toEqual({ ok: true, holder: 'a.1' })
      expect(await b.presence.claim('nick:x', 'b.1')).toEqual({ ok: false, holder: 'a.1' })
      expect(await a.presence.claim('nick:x', 'a.1')).toEqual({ ok: true, holder: 'a.1' })
      expect(await b.presence.holder('nick:x')).toBe('a.1')
      await b.presence.release('nick:x', 'b.1')
      expect(await b.presence.holder('nick:x')).toBe('a.1')
      await a.presence.release('nick:x', 'a.1')
      expect(await b.presence.holder('nick:x')).toBeUndefined()
      expect(await b.presence.claim('nick:x', 'b.1')).toEqual({ ok: true, holder: 'b.1' })
    })

    it('has one winner when many claim at once', async () => {
      const { a, b } = await start()
      const claims = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          (i % 2 ? a : b).presence.claim('k', `${i % 2 ? 'a' : 'b'}.${i}`),
        ),
      )
      const winners = claims.filter(({ ok }) => ok)
      expect(winners).toHaveLength(1)
      for (const { holder } of claims) expect(holder).toBe(winners[0]?.holder)
    })

    it('takes a claim from its holder, and names it', async () => {
      const { a, b } = await start()
      expect(await a.presence.take('k', 'a.1')).toEqual({})
      expect(await a.presence.take('k', 'a.1')).toEqual({})
      expect(await b.presence.take('k', 'b.1')).toEqual({ displaced: 'a.1' })
      await a.presence.release('k', 'a.1')
      expect(await a.presence.holder('k')).toBe('b.1')
    })

    it('tells one living process of each entry of a dead one, after the entry is gone', async () => {
      const { world, a, b, process } = await start()
      const c = await process('c')
      await c.presence.enter('p', entry('c.1', 'ann'))
      await c.presence.enter('p', entry('c.2', 'ann'))
      await c.presence.enter('p', entry('c.3', 'bob', 1, { x: 1 }))
      await a.presence.enter('p', entry('a.1', 'bob'))
      await c.presence.claim('k', 'c.1')
      await a.presence.claim('mine', 'a.1')
      await world.crash('c')
      const gone = [...a.gone, ...b.gone].sort((x, y) => (x.entry.connection < y.entry.connection ? -1 : 1))
      expect(gone.map(({ entry: { connection }, place }) => [place, connection])).toEqual([
        ['p', 'c.1'],
        ['p', 'c.2'],
        ['p', 'c.3'],
      ])
      expect(gone.filter(({ entry: { person }, last }) => person === 'ann' && last)).toHaveLength(1)
      expect(gone[2]).toEqual({ place: 'p', entry: entry('c.3', 'bob', 1, { x: 1 }), last: false })
      expect(c.gone).toEqual([])
      expect(await b.presence.list('p')).toEqual([entry('a.1', 'bob')])
      expect(await b.presence.holder('k')).toBeUndefined()
      expect(await b.presence.holder('mine')).toBe('a.1')
    })

    it('gives up at close what the process holds, and tells nobody', async () => {
      const { a, b } = await start()
      await a.presence.enter('p', entry('a.1', 'ann'))
      await b.presence.enter('p', entry('b.1', 'bob'))
      await a.presence.claim('k', 'a.1')
      await a.presence.close()
      expect(await b.presence.list('p')).toEqual([entry('b.1', 'bob')])
      expect(await b.presence.claim('k', 'b.1')).toEqual({ ok: true, holder: 'b.1' })
      expect(b.gone).toEqual([])
    })

    it('takes prototype names, and any text, as places, people and keys', async () => {
      const { a, b } = await start()
      for (const name of ['__proto__', 'constructor', 'toString', 'a:b\n"{}*', 'ü€😀']) {
        expect(await a.presence.list(name)).toEqual([])
        expect(await a.presence.holder(name)).toBeUndefined()
        expect(await a.presence.enter(name, entry('a.1', name))).toEqual({ first: true })
        expect(await b.presence.claim(name, 'b.1')).toEqual({ ok: true, holder: 'b.1' })
        expect(await b.presence.list(name)).toEqual([entry('a.1', name)])
        expect((await a.presence.leave(name, 'a.1'))?.last).toBe(true)
      }
    })

    it('keeps nothing of places that are empty and claims that are released', async () => {
      const { world, a } = await start()
      const before = await world.kept()
      for (let i = 0; i < 100; i++) {
        await a.presence.enter(`p${i}`, entry('a.1', 'ann'))
        await a.presence.claim(`k${i}`, 'a.1')
      }
      expect(await world.kept()).toBeGreaterThan(before)
      for (let i = 0; i < 100; i++) {
        await a.presence.leave(`p${i}`, 'a.1')
        await a.presence.release(`k${i}`, 'a.1')
      }
      expect(await world.kept()).toBe(before)
    })

    it('cannot be changed through what it was given or what it answered', async () => {
      const { a } = await start()
      const info = { nick: 'x' }
      await a.presence.enter('p', entry('a.1', 'ann', 1, info))
      info.nick = 'changed'
      const [listed] = await a.presence.list('p')
      if (listed) listed.person = 'changed'
      expect(await a.presence.list('p')).toEqual([entry('a.1', 'ann', 1, { nick: 'x' })])
    })

    it('tells watchers in every process of a place that somebody came, changed or went', async () => {
      const { world, a, b, process } = await start()
      const c = await process('c')
      const watchers = [a, b].map(({ presence }) => new Watcher(presence))
      const ends = await Promise.all(watchers.map((watcher) => watcher.watch('person:x')))
      const told = () => Promise.all(watchers.map((watcher) => watcher.told()))
      const steps = [
        () => a.presence.enter('person:x', entry('a.1', 'x')),
        () => a.presence.enter('person:x', entry('a.1', 'x', 1, 'changed')),
        () => c.presence.enter('person:x', entry('c.1', 'x')),
        () => a.presence.leave('person:x', 'a.1'),
        () => world.crash('c'),
      ]
      for (const step of steps) {
        const heard = told()
        await step()
        await heard
      }
      expect(await a.presence.list('person:x')).toEqual([])
      for (const end of ends) end()
      const counts = watchers.map(({ calls }) => calls)
      await a.presence.enter('person:x', entry('a.1', 'x'))
      expect(watchers.map(({ calls }) => calls)).toEqual(counts)
    })

    it("takes out another process' connection", async () => {
      const { a, b } = await start()
      await a.presence.enter('p', entry('a.1', 'ann'))
      await a.presence.claim('k', 'a.1')
      expect(await b.presence.leave('p', 'a.1')).toEqual({ last: true, entry: entry('a.1', 'ann') })
      await b.presence.release('k', 'a.1')
      expect(await b.presence.holder('k')).toBeUndefined()
    })

    it('tells a process once that a claim of it is another one by now', async () => {
      const { world, a, b } = await start()
      const lost: string[] = []
      b.presence.onLost((key, connection) => void lost.push(`b ${key} ${connection}`))
      await a.presence.claim('k', 'a.1')
      await a.presence.claim('mine', 'a.2')
      const heard = new Promise<void>((resolve) => {
        a.presence.onLost((key, connection) => {
          lost.push(`a ${key} ${connection}`)
          resolve()
        })
      })
      await world.steal('k', 'b.1', 'b')
      await heard
      expect(lost).toEqual(['a k a.1'])
      expect(await a.presence.holder('k')).toBe('b.1')
      await a.presence.release('k', 'a.1')
      expect(await a.presence.holder('k')).toBe('b.1')
      expect(await a.presence.holder('mine')).toBe('a.2')
    })

    it('knows how much it holds', async () => {
      const { a, b } = await start()
      await a.presence.enter('p', entry('a.1', 'ann'))
      await a.presence.enter('p', entry('a.1', 'ann'))
      await a.presence.enter('q', entry('a.1', 'ann'))
      await a.presence.claim('k', 'a.1')
      expect([a.presence.size, b.presence.size]).toEqual([3, 0])
      await b.presence.take('k', 'b.1')
      await a.presence.leave('p', 'a.1')
      await a.presence.leave('q', 'a.1')
      await a.presence.release('k', 'a.1')
      expect([a.presence.size, b.presence.size]).toEqual([0, 1])
    })

    it('answers a ping', async () => {
      const { a } = await start()
      await a.presence.ping()
    })
  })
}
