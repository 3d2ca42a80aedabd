import type { Envelope } from '@switchboard/protocol/bus'
import { afterEach, describe, expect, it } from 'vitest'
import { answer, createAsk } from '../../src/ask.ts'
import type { MeasuredBroker } from '../../src/broker.ts'
import { keepSubscribed } from '../../src/keep-subscribed.ts'
import { changed } from '../changed.ts'

/** A bus, and processes on it. Each test gets its own. */
export interface BrokerWorld {
  /** A broker of a new process on the bus. The suite closes it. */
  broker(): Promise<MeasuredBroker> | MeasuredBroker
  /** The bus goes away and comes back. */
  down(): Promise<void> | void
  up(): Promise<void> | void
  close?(): Promise<void> | void
}

interface Traits {
  /** Several servers carry the topics, each its own. */
  sharded?: boolean
}

/** Envelopes that a test awaits one by one. */
class Heard {
  readonly all: string[] = []
  #waiting: (() => void) | undefined

  readonly listener = ({ payload }: Envelope): void => {
    this.all.push(payload.toString())
    this.#waiting?.()
  }

  /** Resolves once this was heard, with all that was. */
  async until(text: string): Promise<string[]> {
    while (!this.all.includes(text))
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    return this.all
  }
}

const say = (topic: string, text: string): Envelope => ({ topic, payload: Buffer.from(text) })

/** What every {@link Broker} does, whatever carries its envelopes. */
export function brokerSuite(
  name: string,
  open: () => Promise<BrokerWorld> | BrokerWorld,
  { sharded = false }: Traits = {},
): void {
  describe(`broker (${name})`, () => {
    const opened: { close?(): Promise<void> | void }[] = []

    afterEach(async () => {
      for (const { close } of opened.splice(0).reverse()) await close?.()
    })

    async function world(processes: number): Promise<{ bus: BrokerWorld; brokers: MeasuredBroker[] }> {
      const bus = await open()
      opened.push({ close: () => bus.close?.() })
      const brokers: MeasuredBroker[] = []
      for (let i = 0; i < processes; i++) {
        const broker = await bus.broker()
        opened.push({ close: () => broker.close() })
        brokers.push(broker)
      }
      return { bus, brokers }
    }

    async function pair() {
      const { bus, brokers } = await world(2)
      const [here, there] = brokers
      if (!here || !there) throw new Error('two brokers were asked for')
      return { bus, here, there }
    }

    it('names each process once, in 1 to 32 of 0-9a-z', async () => {
      const { brokers } = await world(3)
      for (const { process } of brokers) expect(process).toMatch(/^[0-9a-z]{1,32}$/)
      expect(new Set(brokers.map(({ process }) => process)).size).toBe(3)
    })

    it("reaches this process's listeners before publish returns", async () => {
      const { here } = await pair()
      const heard = new Heard()
      await here.subscribe('a:b:c', heard.listener)
      here.publish(say('a:b:c', 'one'))
      expect(heard.all).toEqual(['one'])
    })

    it('reaches other processes, in the order of the calls, once each', async () => {
      const { here, there } = await pair()
      const heard = new Heard()
      await there.subscribe('t', heard.listener)
      const texts = Array.from({ length: 500 }, (_, i) => String(i))
      for (const text of texts) here.publish(say('t', text))
      expect(await heard.until('499')).toEqual(texts)
    })

    it.skipIf(sharded)('keeps the order of one publisher across topics', async () => {
      const { here, there } = await pair()
      const heard = new Heard()
      await there.subscribe('odd', heard.listener)
      await there.subscribe('even', heard.listener)
      const texts = Array.from({ length: 100 }, (_, i) => String(i))
      for (const [i, text] of texts.entries()) here.publish(say(i % 2 ? 'odd' : 'even', text))
      expect(await heard.until('99')).toEqual(texts)
    })

    it('knows what nobody listens to, in whatever process', async () => {
      const { here, there } = await pair()
      if (!sharded) expect(await here.isHeard('t')).toBe(false)
      const end = await there.subscribe('t', () => {})
      expect(await here.isHeard('t')).toBe(true)
      expect(await there.isHeard('t')).toBe(true)
      end()
      if (!sharded) await expect.poll(() => here.isHeard('t')).toBe(false)
    })

    it('carries every field, and any bytes', async () => {
      const { here, there } = await pair()
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
      const sent: Envelope = { topic: 't:ü:__proto__ "\n', except: 'p.1', seq: 7, payload: bytes }
      const got = new Promise<Envelope>((resolve) => void there.subscribe(sent.topic, resolve))
      await there.subscribe('done', () => {})
      here.publish(sent)
      expect(await got).toEqual(sent)
    })

    it('does not reach listeners of other topics', async () => {
      const { here, there } = await pair()
      const heard = new Heard()
      await there.subscribe('t', heard.listener)
      for (const topic of ['t2', 'T', 'constructor', '*', 't*', '{t}', 't{}', 't '])
        here.publish(say(topic, 'wrong'))
      here.publish(say('t', 'right'))
      expect(await heard.until('right')).toEqual(['right'])
    })

    it('calls each of several listeners, and each as often as it subscribed', async () => {
      const { here, there } = await pair()
      const heard = new Heard()
      const once = await there.subscribe('t', heard.listener)
      await there.subscribe('t', heard.listener)
      here.publish(say('t', 'both'))
      await heard.until('both')
      once()
      once()
      here.publish(say('t', 'one'))
      here.publish(say('t', 'end'))
      expect(await heard.until('end')).toEqual(['both', 'both', 'one', 'end'])
    })

    it('misses nothing that is published once subscribe has resolved, also right after an unsubscribe', async () => {
      const { here, there } = await pair()
      for (let round = 0; round < 20; round++) {
        const heard = new Heard()
        const end = await there.subscribe('t', heard.listener)
        here.publish(say('t', `${round}`))
        expect(await heard.until(`${round}`)).toEqual([`${round}`])
        end()
        expect(heard.all).toHaveLength(1)
      }
    })

    it('keeps a subscription that begins while another of its topic ends', async () => {
      const { here, there } = await pair()
      const before = new Heard()
      const after = new Heard()
      const end = await there.subscribe('t', before.listener)
      const beginning = there.subscribe('t', after.listener)
      end()
      await beginning
      here.publish(say('t', 'x'))
      expect(await after.until('x')).toEqual(['x'])
      expect(before.all).toEqual([])
    })

    it('does not call a listener whose subscription ended', async () => {
      const { here } = await pair()
      const heard = new Heard()
      const end = await here.subscribe('t', heard.listener)
      end()
      here.publish(say('t', 'late'))
      expect(heard.all).toEqual([])
    })

    it('goes on where a listener throws', async () => {
      const { here, there } = await pair()
      const heard = new Heard()
      const fail = () => {
        throw new Error('a listener failed, as the test wants')
      }
      for (const broker of [here, there]) {
        await broker.subscribe('t', fail)
        await broker.subscribe('t', heard.listener)
      }
      here.publish(say('t', '1'))
      here.publish(say('t', '2'))
      expect(heard.all).toEqual(['1', '2'])
      while (heard.all.length < 4) await heard.until('2').then(() => new Promise(setImmediate))
      expect(heard.all).toEqual(['1', '2', '1', '2'])
    })

    it('publishes to its own listeners also while the bus is away, and refuses to subscribe', async () => {
      const { bus, here } = await pair()
      const heard = new Heard()
      await here.subscribe('t', heard.listener)
      const away = changed(here, false)
      await bus.down()
      await away
      here.publish(say('t', 'local'))
      expect(heard.all).toEqual(['local'])
      await expect(here.subscribe('t2', heard.listener)).rejects.toThrow()
      await expect(here.ping()).rejects.toThrow()
    })

    it('flushes what was published before, and says where the bus is not there to take it', async () => {
      const { bus, here, there } = await pair()
      const heard = new Heard()
      await there.subscribe('t', heard.listener)
      for (let i = 0; i < 100; i++) here.publish(say('t', `${i}`))
      await here.flush()
      expect(await heard.until('99')).toHaveLength(100)
      const away = changed(here, false)
      await bus.down()
      await away
      here.publish(say('t', 'lost'))
      await expect(here.flush()).rejects.toThrow()
    })

    it('renews its subscriptions before it says that the bus is back', async () => {
      const { bus, here, there } = await pair()
      const heard = new Heard()
      await there.subscribe('t', heard.listener)
      const away = [changed(here, false), changed(there, false)]
      await bus.down()
      await Promise.all(away)
      here.publish(say('t', 'lost'))
      const back = [changed(here, true), changed(there, true)]
      await bus.up()
      await Promise.all(back)
      here.publish(say('t', 'again'))
      expect(await heard.until('again')).toEqual(['again'])
      await here.ping()
    })

    it('subscribes what must not stop a start as soon as the bus is back', async () => {
      const { bus, here, there } = await pair()
      const away = [changed(here, false), changed(there, false)]
      await bus.down()
      await Promise.all(away)
      const heard = new Heard()
      const end = await keepSubscribed(there, 't', heard.listener)
      const back = [changed(here, true), changed(there, true)]
      await bus.up()
      await Promise.all(back)
      await there.subscribe('ready', () => {})
      here.publish(say('t', 'x'))
      expect(await heard.until('x')).toEqual(['x'])
      end()
      here.publish(say('t', 'y'))
      there.publish(say('t', 'z'))
      expect(heard.all).toEqual(['x'])
    })

    it('asks other processes and takes the first answer', async () => {
      const { here, there } = await pair()
      const asked: string[] = []
      await answer(there, 'who', async (question) => {
        asked.push(question)
        return question === 'nobody' ? undefined : `there\n${question}`
      })
      const ask = createAsk(here, { timeoutMs: 200 })
      const other = createAsk(here)
      const questions = ['a', 'b b\nb', '']
      const answers = await Promise.all(questions.map((question) => ask.ask('who', question)))
      expect(answers).toEqual(questions.map((question) => `there\n${question}`))
      expect(await other.ask('who', 'c')).toBe('there\nc')
      await expect(ask.ask('who', 'nobody')).rejects.toMatchObject({ statusCode: 503 })
      await expect(ask.ask('nobody answers', 'x')).rejects.toThrow('in time')
      expect(asked).toEqual([...questions, 'c', 'nobody'])
    })

    it('leaves a question to others where a handler fails, and asks its own process too', async () => {
      const { here, there } = await pair()
      await answer(there, 'who', () => Promise.reject(new Error('no, as the test wants')))
      await answer(here, 'who', async () => 'here')
      const ask = createAsk(here)
      expect(await ask.ask('who', 'x')).toBe('here')
      ask.close()
      await expect(ask.ask('who', 'x')).rejects.toMatchObject({ statusCode: 503 })
    })

    it('counts what goes through it', async () => {
      const { bus, here, there } = await pair()
      const heard = new Heard()
      const before = there.stats.subscriptions
      await there.subscribe('t', heard.listener)
      here.publish(say('t', '1'))
      here.publish(say('t', '2'))
      await heard.until('2')
      expect(there.stats).toMatchObject({ up: true, published: 0, received: 2, subscriptions: before + 1 })
      expect(here.stats).toMatchObject({ up: true, published: 2, received: 0, dropped: 0 })
      const away = changed(here, false)
      await bus.down()
      await away
      here.publish(say('t', '3'))
      expect(here.stats).toMatchObject({ up: false, published: 3, dropped: 1 })
    })

    it('is silent after close', async () => {
      const { here, there } = await pair()
      const heard = new Heard()
      await there.subscribe('t', heard.listener)
      await here.subscribe('t', heard.listener)
      await there.close()
      here.publish(say('t', 'x'))
      await here.ping()
      await new Promise(setImmediate)
      expect(heard.all).toEqual(['x'])
    })
  })
}
