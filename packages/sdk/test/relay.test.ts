import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { openRelay } from '../src/relay.ts'
import { type Fake, type FakeOptions, type Peer, startFake, startTcp } from './support/fake.ts'

const TOKEN = 'a'.repeat(26)
const REQUEST = {
  id: '1',
  receivedAt: 0,
  method: 'POST',
  url: '/',
  path: '/',
  query: {},
  params: { token: TOKEN },
  headers: {},
  body: 'hello',
  rawBody: 'aGVsbG8=',
}

const sayText = (text: string, status = 200) => ({
  http: (_request: unknown, response: ServerResponse) => void response.writeHead(status).end(text),
})

/** Engine.IO's and Socket.IO's greetings, and then what a test wants. */
function greet(peer: Peer, say: (peer: Peer, namespace: string) => void): void {
  peer.say(`0${JSON.stringify({ sid: 's', upgrades: [], pingInterval: 10_000, pingTimeout: 15_000 })}`)
  void peer.heard().then((frame) => {
    const namespace = frame.slice('40'.length).replace(/,$/, '')
    peer.say(`40${namespace},{"sid":"t"}`)
    say(peer, namespace)
  })
}

const startRelay = (say: (peer: Peer, namespace: string) => void, options: FakeOptions = {}): Promise<Fake> =>
  startFake({ ...sayText(TOKEN), ...options, onPeer: (peer) => greet(peer, say) })

describe('a server that is no relay', () => {
  test.each([
    ['a page', sayText('<!doctype html>'), { code: 'BAD_ANSWER' }],
    ['a token that is none', sayText('../../etc/passwd'), { code: 'BAD_ANSWER' }],
    ['nothing of the kind', sayText('', 404), { code: 'NOT_FOUND', retryable: false }],
    ['to come later', sayText('', 503), { code: 'UNAVAILABLE', retryable: true }],
  ])('answers %s', async (_what, options, error) => {
    await using fake = await startFake(options)
    await expect(openRelay({ url: fake.url })).rejects.toMatchObject(error)
  })

  test('never answers', async () => {
    await using silent = await startTcp(() => {})
    const opening = openRelay({ url: silent.url, timeoutMs: 100 })
    await expect(opening).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true })
  })

  test.each([
    ['refuses every connection', { refuse: () => 500 }, 'UNREACHABLE'],
    ['says nothing on a connection', { onPeer: () => {} }, 'TIMEOUT'],
    ['closes at once', { onPeer: ({ ws }: Peer) => ws.close(1011) }, 'UNREACHABLE'],
  ])('makes tokens and %s', async (_what, options, code) => {
    await using fake = await startFake({ ...sayText(TOKEN), ...options })
    const relay = await openRelay({ url: fake.url, timeoutMs: 200, giveUpMs: 600 })
    await expect(relay.opened).rejects.toMatchObject({ code, retryable: true })
    expect([relay.state, await relay.closed]).toEqual(['closed', expect.objectContaining({ code })])
  })

  test.each([
    ['nothing', []],
    ['null', [null]],
    ['an object with nothing in it', [{}]],
    ['a request without an id', [{ ...REQUEST, id: undefined }]],
    ['a path that is none', [{ ...REQUEST, url: 'http://elsewhere.example' }]],
    ['headers that are none', [{ ...REQUEST, headers: { a: 1 } }]],
  ])('sends %s for a request: the relay ends with BAD_ANSWER', async (_what, args) => {
    await using fake = await startRelay((peer, namespace) =>
      peer.say(`42${namespace},0${JSON.stringify(['request', ...args])}`),
    )
    const relay = await openRelay({ url: fake.url })
    expect(await relay.closed).toMatchObject({ code: 'BAD_ANSWER' })
  })

  test('sends a body that is not base64: the relay ends with BAD_ANSWER', async () => {
    await using fake = await startRelay((peer, namespace) =>
      peer.say(`42${namespace},0${JSON.stringify(['request', { ...REQUEST, rawBody: '*' }])}`),
    )
    const relay = await openRelay({ url: fake.url })
    expect(await relay.closed).toMatchObject({ code: 'BAD_ANSWER' })
  })

  test('speaks no Socket.IO: the relay tries again', async () => {
    await using fake = await startFake({
      ...sayText(TOKEN),
      onPeer: (peer) => peer.say('}{', '42["request"'),
    })
    const relay = await openRelay({ url: fake.url, timeoutMs: 200 })
    const failure = await new Promise((resolve) => relay.on('state', ({ error }) => error && resolve(error)))
    expect(failure).toMatchObject({ retryable: true })
    relay.close()
    expect(await relay.closed).toBeUndefined()
  })
})

describe('a server that lets nobody in', () => {
  const refusing = (messages: string[]) =>
    startFake({
      ...sayText(TOKEN),
      onPeer(peer) {
        peer.say(`0${JSON.stringify({ sid: 's', upgrades: [], pingInterval: 10_000, pingTimeout: 15_000 })}`)
        void peer.heard().then((frame) => {
          const [namespace, message] = [frame.slice('40'.length), messages.shift()]
          peer.say(
            message === undefined ? `40${namespace}{"sid":"t"}` : `44${namespace}{"message":"${message}"}`,
          )
        })
      },
    })

  test('at the moment: the relay tries again', async () => {
    await using fake = await refusing(['Unavailable'])
    const relay = await openRelay({ url: fake.url })
    const states: unknown[] = []
    relay.on('state', ({ state, error }) => states.push(error ? [state, error.code] : state))
    await relay.opened
    expect(states).toEqual([['waiting', 'UNAVAILABLE'], 'connecting', 'open'])
    expect(fake.count).toBe(2)
    relay.close()
  })

  test('as there is no such token any more: the relay ends', async () => {
    await using fake = await refusing(['Invalid namespace'])
    const relay = await openRelay({ url: fake.url })
    expect(await relay.closed).toMatchObject({ code: 'NOT_FOUND', retryable: false })
    expect(fake.count).toBe(1)
  })
})

test('a Switchboard below a path is found there', async () => {
  await using fake = await startRelay(() => {})
  const relay = await openRelay({ url: `${fake.url}/below/` })
  expect(relay.url).toBe(`${fake.url}/below/v1/go/${TOKEN}`)
  expect((await fake.peer()).url).toMatch(/^\/below\/socket\.io\/\?/)
  await relay.opened
  relay.close()
})

test('a request that is delivered twice is handed over once, and acknowledged both times', async () => {
  const acknowledged: Promise<string>[] = []
  await using fake = await startRelay((peer, namespace) => {
    for (const number of [0, 1]) peer.say(`42${namespace},${number}${JSON.stringify(['request', REQUEST])}`)
    acknowledged.push(peer.heard(), peer.heard())
  })
  const relay = await openRelay({ url: fake.url })
  const seen: string[] = []
  relay.on('request', (request) => {
    seen.push(new TextDecoder().decode(request.bytes))
    request.answer({ status: 202, headers: { 'x-mine': 'yes' } })
  })
  await relay.opened
  expect(await fake.peer().then(() => Promise.all(acknowledged))).toEqual([
    `43/${TOKEN},0[202,null,{"x-mine":"yes"}]`,
    `43/${TOKEN},1[]`,
  ])
  expect(seen).toEqual(['hello'])
  relay.close()
})
