import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOrder, type Step } from '../../src/domain/rooms/order.ts'

const numbers = ({ deliver }: Step<string>) => deliver.map(({ number }) => number)
const at = (number: number) => ({ number, item: `m${number}` })

function startedAt(last: number) {
  const order = createOrder<string>()
  order.start(last)
  return order
}

describe('the order of a room', () => {
  it('delivers what comes in order at once and asks nothing', () => {
    const order = startedAt(4)
    expect(order.live(5, 'm5')).toEqual({ deliver: [at(5)] })
    expect(order.live(6, 'm6')).toEqual({ deliver: [at(6)] })
    expect(order.last).toBe(6)
  })

  it('drops what came before', () => {
    const order = startedAt(4)
    order.live(5, 'm5')
    expect(order.live(5, 'm5')).toEqual({ deliver: [] })
    expect(order.live(3, 'm3')).toEqual({ deliver: [] })
  })

  it('reads what is missing from the store before it delivers what comes after', () => {
    const order = startedAt(0)
    expect(order.live(3, 'm3')).toEqual({ deliver: [], readAfter: 0, gapTo: 3 })
    expect(numbers(order.read([at(1), at(2), at(3)], false))).toEqual([1, 2, 3])
  })

  it('goes on at once where the missing one comes after all, and then takes the answer for what it is worth', () => {
    const order = startedAt(0)
    order.live(2, 'm2')
    expect(numbers(order.live(1, 'm1'))).toEqual([1, 2])
    expect(order.read([at(1), at(2), at(3)], false)).toEqual({ deliver: [at(3)] })
  })

  it('keeps what comes while the store is asked, and asks again where that leaves a gap', () => {
    const order = startedAt(0)
    order.live(2, 'm2')
    expect(order.live(5, 'm5')).toEqual({ deliver: [] })
    expect(order.read([at(1), at(2), at(3)], false)).toEqual({
      deliver: [at(1), at(2), at(3)],
      readAfter: 3,
      gapTo: 5,
    })
    expect(numbers(order.read([at(4), at(5)], false))).toEqual([4, 5])
  })

  it('asks for more until the store has no more', () => {
    const order = startedAt(0)
    order.live(4, 'm4')
    expect(order.read([at(1), at(2)], true)).toEqual({ deliver: [at(1), at(2)], readAfter: 2 })
    expect(order.read([at(3), at(4)], false)).toEqual({ deliver: [at(3), at(4)] })
  })

  it('does not wait for a number that the store says is not there', () => {
    const order = startedAt(0)
    order.live(3, 'm3')
    expect(numbers(order.read([at(1), at(3)], false))).toEqual([1, 3])
    expect(numbers(order.live(4, 'm4'))).toEqual([4])
  })

  it('asks again when the store did not answer, but not by itself', () => {
    const order = startedAt(0)
    order.live(2, 'm2')
    order.unread()
    expect(order.doubt()).toEqual({ deliver: [], readAfter: 0 })
  })

  it('keeps what comes before it has started', () => {
    const order = createOrder<string>()
    for (const number of [3, 4, 5, 7]) expect(order.live(number, `m${number}`)).toEqual({ deliver: [] })
    expect(order.doubt()).toEqual({ deliver: [] })
    expect(order.start(3)).toEqual({ deliver: [at(4), at(5)], readAfter: 5 })
  })

  it('holds a bounded number of messages that came early, and reads the others', () => {
    const order = startedAt(0)
    for (let number = 2; number <= 5000; number++) order.live(number, `m${number}`)
    const all = Array.from({ length: 5000 }, (_, index) => at(index + 1))
    const step = order.read(all.slice(0, 500), true)
    expect(numbers(step).at(-1)).toBe(1001)
    expect(step.readAfter).toBe(1001)
    expect(numbers(order.read(all.slice(1001), false)).at(-1)).toBe(5000)
  })
})

/** What happens to one room: a message is stored, the bus brings one of those that are, a read begins or ends. */
const event = fc.oneof(
  fc.record({ kind: fc.constant('store' as const), lost: fc.boolean() }),
  fc.record({ kind: fc.constant('bring' as const), which: fc.nat() }),
  fc.record({ kind: fc.constant('again' as const), which: fc.nat() }),
  fc.constant({ kind: 'doubt' as const }),
  fc.record({ kind: fc.constant('answer' as const), limit: fc.integer({ min: 1, max: 4 }) }),
  fc.constant({ kind: 'no answer' as const }),
)

describe('whatever the bus does', () => {
  it('everyone gets each message once and in its order', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), fc.nat({ max: 5 }), (events, first) => {
        const order = startedAt(first)
        const stored: number[] = Array.from({ length: first }, (_, index) => index + 1)
        const onBus: number[] = []
        const got: number[] = []
        let asked: number | undefined
        const take = (step: Step<string>) => {
          got.push(...numbers(step))
          if (step.readAfter === undefined) return
          expect(asked).toBeUndefined()
          asked = step.readAfter
        }
        const answer = (limit: number) => {
          if (asked === undefined) return
          const found = stored.filter((number) => number > (asked ?? 0)).slice(0, limit)
          asked = undefined
          take(order.read(found.map(at), found.length === limit))
        }
        const act = {
          store({ lost = false }) {
            stored.push(stored.length + 1)
            if (!lost) onBus.push(stored.length)
          },
          bring({ which = 0 }) {
            const [number] = onBus.splice(which % (onBus.length || 1), 1)
            if (number !== undefined) take(order.live(number, `m${number}`))
          },
          again({ which = 0 }) {
            const number = stored[which % (stored.length || 1)]
            if (number !== undefined) take(order.live(number, `m${number}`))
          },
          doubt: () => take(order.doubt()),
          answer: ({ limit = 1 }) => answer(limit),
          'no answer'() {
            if (asked !== undefined) order.unread()
            asked = undefined
          },
        }
        for (const each of events) act[each.kind](each as { lost?: boolean; which?: number; limit?: number })
        take(order.doubt())
        while (asked !== undefined) answer(1000)
        expect(got).toEqual(stored.slice(first))
      }),
      { numRuns: 1000 },
    )
  })
})
