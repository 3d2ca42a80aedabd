import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ide, openIde } from './support/ide.ts'
import { type Installation, install } from './support/installation.ts'
import type { Person } from './support/person.ts'

let installation: Installation
let wsUrl: string
let ben: Person
let a: Ide
let b: Ide
beforeAll(async () => {
  installation = await install({ limits: 'off' })
  wsUrl = installation.first.wsUrl
  a = await installation.enter('Ann')
  ben = await installation.signUp('Ben')
  b = await openIde(wsUrl, ben)
})
afterAll(() => installation[Symbol.asyncDispose]())

test('a message reaches the person with who it is from, whatever the spaces of the two', async () => {
  await a.list('a space')
  a.say('send', { to: 'Ben', data: { type: 'offer' } })
  expect(await b.hear()).toEqual(['msg', { from: 'Ann', data: { type: 'offer' } }])
})

test('names are compared without regard to case and width, and told as the account is written', async () => {
  for (const to of ['ben', 'BEN', 'Ｂｅｎ']) {
    a.say('send', { to, data: to })
    expect(await b.hear()).toEqual(['msg', { from: 'Ann', data: to }])
  }
})

test('a message reaches every connection of the person, once each', async () => {
  await using second = await openIde(wsUrl, { ...ben, space: 'elsewhere' })
  a.say('send', { to: 'ben', data: 1 })
  a.say('send', { to: 'ben', data: 2 })
  for (const ide of [b, second]) {
    expect(await ide.hear()).toMatchObject(['msg', { data: 1 }])
    expect(await ide.hear()).toMatchObject(['msg', { data: 2 }])
  }
  expect(await second.heard()).toEqual([])
})

test('one may send to oneself', async () => {
  a.say('send', { to: 'ann', data: 'note' })
  expect(await a.hear()).toEqual(['msg', { from: 'Ann', data: 'note' }])
})

test('messages from one to another keep their order', async () => {
  for (let n = 0; n < 300; n++) a.say('send', { to: 'ben', data: n })
  for (let n = 0; n < 300; n++) expect(await b.hear()).toEqual(['msg', { from: 'Ann', data: n }])
})

describe('data', () => {
  const carried = async (json: string): Promise<string> => {
    a.client.send(`send:|:{"to":"ben","data":${json}}`)
    const frame = await b.client.next()
    const start = 'msg:|:{"from":"Ann","data":'
    expect(frame.startsWith(start)).toBe(true)
    return frame.slice(start.length, -1)
  }

  test.each([
    'null',
    'false',
    '0',
    '""',
    '[]',
    '{}',
    '12345678901234567890',
    '1e400',
    '"\\ud800"',
    '{"__proto__":{"x":1},"constructor":null}',
    '[[[[{"a":[{"b":"}]\\""}]}]]]]',
    '"line\\u2028separator \u2029 and \u00e9"',
  ])('%s arrives as it was written', async (json) => {
    expect(await carried(json)).toBe(json)
  })

  test('is whatever JSON it was, deeply equal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 3 }), async (json) => {
        expect(JSON.parse(await carried(json))).toEqual(JSON.parse(json))
      }),
      { numRuns: 100 },
    )
  })

  test('of 60 KiB, and nested 20,000 deep, arrives', async () => {
    const long = JSON.stringify('x'.repeat(60 * 1024))
    expect(await carried(long)).toBe(long)
    const deep = '['.repeat(20_000) + ']'.repeat(20_000)
    expect(await carried(deep)).toBe(deep)
  })

  test('may hold the delimiter: the first one splits, and no | goes out but in the one delimiter', async () => {
    a.client.send('send:|:{"to":"ben","data":":|: a|b"}')
    const frame = await b.client.next()
    expect(frame).toBe('msg:|:{"from":"Ann","data":":\\u007c: a\\u007cb"}')
    expect(frame.split(':|:')).toHaveLength(2)
  })

  test('must be there', async () => {
    a.client.send('send:|:{"to":"ben"}')
    expect(await a.hear()).toMatchObject(['error', { event: 'send', code: 'BAD_MESSAGE' }])
    expect(await b.heard()).toEqual([])
  })
})

describe('to someone who is not connected', () => {
  const absent = async (to: string) => {
    a.say('send', { to, data: 1 })
    expect(await a.hear()).toEqual(['error', { event: 'send', to, code: 'NOT_CONNECTED' }])
  }

  test('the sender hears NOT_CONNECTED', async () => {
    await installation.signUp('offline')
    await absent('offline')
    await absent('nobody')
  })

  test.each(['', '__proto__', 'constructor', '\ud800', 'a\u0000b', 'a|b', ':|:', 'x'.repeat(1000), 'a@b'])(
    'also where nobody could have the name: %j',
    absent,
  )

  test('also where the last connection has just gone', async () => {
    const gone = await installation.enter('goner')
    a.say('send', { to: 'goner', data: 1 })
    expect(await gone.hear()).toMatchObject(['msg', { data: 1 }])
    await a.list('watch')
    gone.say('join', { space: 'watch' })
    expect(await a.hear()).toMatchObject(['joined', { user: 'goner' }])
    gone.client.ws.close()
    expect(await a.hear()).toMatchObject(['died', { user: 'goner' }])
    await absent('goner')
  })
})
