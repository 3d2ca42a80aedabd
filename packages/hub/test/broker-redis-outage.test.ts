import { redisConnector } from '@switchboard/kit/redis'
import { eventually } from '@switchboard/testing/eventually'
import { freePort } from '@switchboard/testing/port'
import { type LiveRedis, liveRedis } from '@switchboard/testing/redis'
import { redisCommand } from '@switchboard/testing/redis-command'
import { findServer } from '@switchboard/testing/servers'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RedisBroker } from '../src/broker-redis.ts'
import { openBus } from '../src/bus.ts'
import { awayAndBack, changed } from './changed.ts'
import { proxyTo } from './proxy.ts'

const say = (topic: string, text: string) => ({ topic, payload: Buffer.from(text) })

describe.skipIf(!findServer('redis-server'))('the broker on Redis', () => {
  let redis: LiveRedis
  const opened: AsyncDisposable[] = []
  beforeEach(async () => {
    redis = await liveRedis()
    opened.push(redis)
  })
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]()
  })

  async function process(url = redis.url): Promise<RedisBroker> {
    const broker = new RedisBroker({ connect: redisConnector(url) })
    opened.push({ [Symbol.asyncDispose]: () => broker.close() })
    await broker.opened
    return broker
  }

  const channels = async (): Promise<string[]> => {
    const reply = await redisCommand(redis.port, 'PUBSUB CHANNELS sb0:[^~]*')
    return [...reply.matchAll(/sb0:(\S+)/g)].map(([, topic = '']) => topic).sort()
  }

  it('subscribes to a topic with its first listener, once, and no longer than to its last', async () => {
    const broker = await process()
    expect(await channels()).toEqual([])
    const [first, second] = [await broker.subscribe('t', () => {}), await broker.subscribe('t', () => {})]
    await broker.subscribe('u', () => {})
    expect(await channels()).toEqual(['t', 'u'])
    expect(await redisCommand(redis.port, 'PUBSUB NUMSUB sb0:t')).toContain(':1\r\n')
    first()
    second()
    await eventually(async () => (await channels()).join() === 'u')
  })

  it('sends what one turn publishes in one write, and what is for one topic in one message', async () => {
    await using proxy = await proxyTo(redis.port)
    const broker = await process(`redis://127.0.0.1:${proxy.port}`)
    const other = await process()
    const heard: string[] = []
    for (const topic of ['t1', 't2'])
      await other.subscribe(topic, ({ payload }) => void heard.push(payload.toString()))
    const texts = Array.from({ length: 100 }, (_, i) => `${i}`)
    for (const text of texts)
      broker.publish(say(Number(text) < 98 ? 't1' : text === '98' ? 't2' : 't1', text))
    await eventually(() => heard.length === 100)
    expect(heard).toEqual(texts)
    const writes = proxy.sent.filter((bytes) => bytes.includes('sb0:t'))
    expect(writes.map((bytes) => bytes.toString().match(/sb0:t[12]/g))).toEqual([
      ['sb0:t1', 'sb0:t2', 'sb0:t1'],
    ])
  })

  it('puts no more than 64 KiB of envelopes into one message', async () => {
    await using proxy = await proxyTo(redis.port)
    const broker = await process(`redis://127.0.0.1:${proxy.port}`)
    const other = await process()
    const heard: string[] = []
    await other.subscribe('t', ({ payload }) => void heard.push(payload.toString()))
    const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(30_000))
    for (const text of texts) broker.publish(say('t', text))
    await eventually(() => heard.length === 3)
    expect(heard).toEqual(texts)
    expect(Buffer.concat(proxy.sent).toString().match(/sb0:t/g)).toHaveLength(2)
  })

  it('hears nothing from what is no message of ours', async () => {
    const broker = await process()
    const heard: string[] = []
    await broker.subscribe('t', ({ payload }) => void heard.push(payload.toString()))
    for (const garbage of ['x', '~', '~NaN', 'p\\n{}', '{"topic":"t"}'])
      await redisCommand(redis.port, `PUBLISH sb0:t "${garbage}"`)
    const other = await process()
    other.publish(say('t', 'good'))
    await eventually(() => heard.length > 0)
    expect(heard).toEqual(['good'])
  })

  it.each(['pubsub', 'normal'])('comes back when Redis ends its connections of type %s', async (type) => {
    const [here, there] = [await process(), await process()]
    const heard: string[] = []
    await there.subscribe('t', ({ payload }) => void heard.push(payload.toString()))
    const back = awayAndBack(here, there)
    await redisCommand(redis.port, `CLIENT KILL TYPE ${type}`)
    await back
    here.publish(say('t', 'again'))
    await eventually(() => heard.length > 0)
    expect(heard).toEqual(['again'])
  })

  it('starts without Redis, and is there once Redis is', async () => {
    const port = await freePort()
    const broker = new RedisBroker({ connect: redisConnector(`redis://127.0.0.1:${port}`) })
    opened.push({ [Symbol.asyncDispose]: () => broker.close() })
    await expect(broker.subscribe('t', () => {})).rejects.toMatchObject({ statusCode: 503 })
    await expect(broker.ping()).rejects.toThrow()
    await using late = await liveRedis({ port })
    expect(late.port).toBe(port)
    await broker.opened
    await broker.ping()
    await broker.subscribe('t', () => {})
  })

  it('a bus opens without Redis too, and closes', async () => {
    const port = await freePort()
    await using bus = await openBus(redisConnector(`redis://127.0.0.1:${port}`))
    await expect(bus.broker.ping()).rejects.toThrow()
    await expect(bus.presence.ping()).rejects.toMatchObject({ statusCode: 503 })
    await expect(bus.presence.list('p')).rejects.toMatchObject({ statusCode: 503 })
  })

  it('notices a Redis that hangs, drops what it cannot send instead of keeping it, and comes back', async () => {
    const [here, there] = [await process(), await process()]
    const heard: string[] = []
    await there.subscribe('t', ({ payload }) => void heard.push(payload.toString()))
    await here.subscribe('t', () => {})
    const away = Promise.all([changed(here, false), changed(there, false)])
    redis.pause()
    const MiB = 'x'.repeat(1024 * 1024)
    for (let i = 0; i < 20; i++) here.publish(say('big', MiB))
    expect(here.stats.dropped).toBeGreaterThanOrEqual(4)
    await away
    const { dropped } = here.stats
    here.publish(say('t', 'lost'))
    expect(here.stats).toMatchObject({ up: false, dropped: dropped + 1 })
    const back = Promise.all([changed(here, true), changed(there, true)])
    redis.resume()
    await back
    expect(here.stats).toMatchObject({ up: true, published: 21, dropped: 21 })
    here.publish(say('t', 'again'))
    await eventually(() => heard.length > 0)
    expect(heard).toEqual(['again'])
  })

  it('does not call flushed what a Redis that dies or hangs may not have, nor what was too much', async () => {
    const here = await process()
    here.publish(say('t', 'x'))
    await here.flush()
    here.publish(say('t', 'x'))
    const flushing = here.flush()
    flushing.catch(() => {})
    await redis.kill()
    here.publish(say('t', 'x'))
    await expect(here.flush()).rejects.toThrow()
    const back = changed(here, true)
    await redis.start()
    await back
    await here.flush()
    const away = changed(here, false)
    redis.pause()
    here.publish(say('t', 'x'))
    await expect(here.flush()).rejects.toMatchObject({ statusCode: 503 })
    await away
    const again = changed(here, true)
    redis.resume()
    await again
    const MiB = 'x'.repeat(1024 * 1024)
    for (let i = 0; i < 17; i++) here.publish(say('t', MiB))
    await expect(here.flush()).rejects.toMatchObject({ statusCode: 503 })
    await expect.poll(() => here.flush().then(() => 'all of it', String)).toBe('all of it')
  })

  it('closes while Redis hangs', async () => {
    const broker = await process()
    redis.pause()
    broker.publish(say('t', 'x'))
    await broker.close()
    redis.resume()
  })

  it('sends at its end what it published before', async () => {
    const [here, there] = [await process(), await process()]
    const heard: string[] = []
    await there.subscribe('t', ({ payload }) => void heard.push(payload.toString()))
    here.publish(say('t', 'last words'))
    await here.close()
    await eventually(() => heard.length > 0)
  })

  it('reads and writes with the user and database that the URL names, other databases apart', async () => {
    await redisCommand(redis.port, 'ACL SETUSER ann on >s:e~cret ~* &* +@all')
    await redisCommand(redis.port, 'ACL SETUSER default off')
    const url = (db: number) => `redis://ann:${encodeURIComponent('s:e~cret')}@127.0.0.1:${redis.port}/${db}`
    const [one, same, other] = [await process(url(1)), await process(url(1)), await process(url(2))]
    const heard: string[] = []
    await same.subscribe('t', ({ payload }) => void heard.push(`same ${payload}`))
    await other.subscribe('t', ({ payload }) => void heard.push(`other ${payload}`))
    one.publish(say('t', 'x'))
    await eventually(() => heard.length > 0)
    expect(heard).toEqual(['same x'])
    const client = new Redis(url(0))
    await client.call('ACL', 'SETUSER', 'default', 'on')
    client.disconnect()
  })
})
