import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Inbox } from '../src/inbox.ts'

describe('inbox', () => {
  it('is a queue, however long it lasts', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 900 }), fc.nat({ max: 900 })), { maxLength: 20 }),
        (rounds) => {
          const inbox = new Inbox()
          const model: (string | undefined)[] = []
          let next = 0
          for (const [pushes, shifts] of rounds) {
            for (let i = 0; i < pushes; i++) {
              const message = next % 7 === 0 ? undefined : `${next}`
              inbox.push(message)
              model.push(message)
              next++
            }
            const count = Math.min(shifts, model.length)
            expect(Array.from({ length: count }, () => inbox.shift())).toEqual(model.splice(0, count))
            expect(inbox.length).toBe(model.length)
            expect(inbox.size).toBe(model.reduce((sum, message) => sum + (message?.length ?? 0), 0))
          }
        },
      ),
      { numRuns: 20 },
    ))
})
