import { describe, expect, it } from 'vitest'
import { MemoryBroker, MemoryBus } from '../src/broker-memory.ts'
import { brokerSuite } from './suites/broker-suite.ts'

brokerSuite('memory', () => {
  const bus = new MemoryBus()
  return {
    broker: () => new MemoryBroker(bus, undefined, () => {}),
    down: () => bus.down(),
    up: () => bus.up(),
  }
})

describe('broker in memory', () => {
  it('refuses an impossible process id, and one that is taken', async () => {
    const bus = new MemoryBus()
    for (const id of ['', 'A', 'a.b', 'x'.repeat(33)])
      expect(() => new MemoryBroker(bus, id)).toThrow('process id')
    const first = new MemoryBroker(bus, 'p1')
    expect(() => new MemoryBroker(bus, 'p1')).toThrow('two processes')
    await first.close()
    expect(new MemoryBroker(bus, 'p1').process).toBe('p1')
  })

  it('reports what a listener threw', async () => {
    const errors: unknown[] = []
    const broker = new MemoryBroker(new MemoryBus(), 'p1', (error) => errors.push(error))
    const failure = new Error('no')
    await broker.subscribe('t', () => {
      throw failure
    })
    broker.publish({ topic: 't', payload: Buffer.from('x') })
    expect(errors).toEqual([failure])
  })
})
