import { inspect } from 'node:util'
import { CLOSE_CODES } from '@switchboard/protocol/close-codes'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { connectChat } from '../src/chat.ts'
import { watchSilence } from '../src/core/silence.ts'
import {
  type ConnectionOptions,
  type Presence,
  ServerError,
  SwitchboardError,
  watchPresence,
} from '../src/presence.ts'
import { answerJson, startFake, startTcp } from './support/fake.ts'

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMiJ9.c2VjcmV0'

// Presence is the plainest client; the socket below it is everybody's.
const watch = (url: string, options: ConnectionOptions = {}): Presence =>
  watchPresence({ url, token: TOKEN, ...options }, ['bob'])

/** Resolves with why, when the next state is this one. */
const becomes = (client: Pick<Presence, 'on'>, wanted: string) =>
  new Promise<SwitchboardError | undefined>((resolve) => {
    const stop = client.on('state', ({ state, error }) => {
      if (state !== wanted) return
      stop()
      resolve(error)
    })
  })

const nobody = { users: { bob: [] } }

// The wait before a try is anything from nothing to its bound; here it is nothing.
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('a connection that the server closes', () => {
  const codes = [
    ...Object.entries(CLOSE_CODES).map(([code, { retry }]) => ({ code: Number(code), retry })),
    { code: 1001, retry: true },
    { code: 1011, retry: true },
    { code: 4000, retry: true },
  ]

  test.each(codes)('with $code comes back: $retry', async ({ code, retry }) => {
    await using fake = await startFake()
    const client = watch(fake.url)
    const peer = await fake.peer()
    peer.say(nobody)
    await peer.heard()
    peer.ws.close(code, 'BECAUSE')
    const expected = { name: 'ClosedError', code: 'BECAUSE', closeCode: code, retryable: retry }
    if (retry) {
      expect(await becomes(client, 'waiting')).toMatchObject(expected)
      expect(JSON.parse(await (await fake.peer()).heard())).toEqual({ watch: ['bob'] })
      client.close()
    } else expect(await client.closed).toMatchObject(expected)
  })

  test('without a word comes back, however often', async () => {
    await using fake = await startFake()
    const client = watch(fake.url)
    for (let time = 0; time < 20; time++) {
      const peer = await fake.peer()
      peer.say(nobody)
      await peer.heard()
      peer.ws.terminate()
    }
    await fake.peer()
    client.close()
    expect(await client.closed).toBeUndefined()
  })
})

describe('a server that is none', () => {
  const BOUNDS = { timeoutMs: 100, giveUpMs: 300 }

  test.each([
    ['text that is no JSON', 'hello'],
    ['JSON of another kind', '[]'],
    ['too little', '{"users":{"bob":[{"service":"chat"}]}}'],
    ['a binary frame', Buffer.from(JSON.stringify(nobody))],
  ])('says %s, and that is a BAD_ANSWER', async (_name, frame) => {
    await using fake = await startFake({ onPeer: ({ ws }) => ws.send(frame) })
    const error = await watch(fake.url, BOUNDS).closed
    expect(error).toMatchObject({ name: 'SwitchboardError', code: 'BAD_ANSWER', retryable: true })
    expect(fake.count).toBeGreaterThan(1)
  })

  test('closes each connection at once, and that is known within the bound', async () => {
    await using fake = await startFake({ onPeer: ({ ws }) => ws.close(1012, 'RESTARTING') })
    const client = watch(fake.url, BOUNDS)
    expect(await client.closed).toMatchObject({ name: 'ClosedError', code: 'RESTARTING' })
  })

  test('never answers, and that is a TIMEOUT', async () => {
    await using mute = await startTcp(() => {})
    const client = watch(mute.url, BOUNDS)
    await expect(client.opened).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true })
  })

  test('ends each connection, or says what is no HTTP, and is UNREACHABLE', async () => {
    await using rude = await startTcp((socket) => socket.destroy())
    expect(await watch(rude.url, BOUNDS).closed).toMatchObject({ code: 'UNREACHABLE' })
    await using other = await startTcp((socket) => socket.end('220 mail.example.org ESMTP\r\n'))
    expect(await watch(other.url, BOUNDS).closed).toMatchObject({ code: 'UNREACHABLE' })
  })

  test('is not there', async () => {
    const gone = await startTcp(() => {})
    await gone[Symbol.asyncDispose]()
    expect(await watch(gone.url, BOUNDS).closed).toMatchObject({ code: 'UNREACHABLE', retryable: true })
  })

  test('answers over HTTP with a page, or never ends its answer', async () => {
    await using page = await startFake({ http: (_request, response) => response.end('<h1>It works!</h1>') })
    await expect(connectChat({ url: page.url, ...BOUNDS }).join('lobby').opened).rejects.toMatchObject({
      code: 'BAD_ANSWER',
    })
    await using slow = await startFake({ http: (_request, response) => response.write('{') })
    await expect(connectChat({ url: slow.url, ...BOUNDS }).join('lobby').opened).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
  })

  test('cannot be: an address or a token that nobody takes', async () => {
    expect(await watch('ftp://example.org').closed).toMatchObject({ code: 'BAD_BINDING', retryable: false })
    const client = watchPresence({ url: 'http://127.0.0.1:9', token: 'two words' }, [])
    expect(await client.closed).toMatchObject({ code: 'BAD_BINDING', retryable: false })
  })
})

describe('an upgrade that is refused', () => {
  test('says why, although a browser is not told', async () => {
    await using fake = await startFake({
      refuse: () => 401,
      http: (_request, response) =>
        answerJson(response, 401, { error: { type: 'UNAUTHORIZED', message: 'no valid token' }, data: null }),
    })
    const error = await watch(fake.url).closed
    expect(error).toBeInstanceOf(ServerError)
    expect(error).toMatchObject({ code: 'UNAUTHORIZED', status: 401, retryable: false })
  })

  test('is tried again while the server says that it is away, after as long as it asks for', async () => {
    let isAway = true
    await using fake = await startFake({
      refuse: () => (isAway ? 503 : undefined),
      http: (_request, response) => {
        isAway = false
        response.setHeader('retry-after', '0')
        answerJson(response, 503, { error: { type: 'UNAVAILABLE', message: 'away' }, data: null })
      },
    })
    const client = watch(fake.url)
    expect(await becomes(client, 'waiting')).toMatchObject({ code: 'UNREACHABLE' })
    expect(await becomes(client, 'waiting')).toMatchObject({
      code: 'UNAVAILABLE',
      status: 503,
      retryAfterMs: 0,
    })
    client.close()
  })
})

describe('a connection over which nothing comes any more', () => {
  test('is asked, and given up where nobody answers', async () => {
    await using fake = await startFake()
    const client = watch(fake.url, { quietMs: 50, timeoutMs: 100 })
    const peer = await fake.peer()
    await peer.heard()
    peer.say(nobody)
    expect(JSON.parse(await peer.heard())).toEqual({ watch: ['bob'] })
    expect(await becomes(client, 'waiting')).toMatchObject({ code: 'TIMEOUT' })
    await fake.peer()
    client.close()
  })

  test('stays where it is answered', async () => {
    await using fake = await startFake()
    const client = watch(fake.url, { quietMs: 20, timeoutMs: 5_000 })
    const peer = await fake.peer()
    for (let time = 0; time < 5; time++) {
      await peer.heard()
      peer.say(nobody)
    }
    expect([client.state, fake.count]).toEqual(['open', 1])
    client.close()
  })
})

describe('in a page', () => {
  /** A page whose visibility and network a test decides about. */
  function page() {
    const happenings = new EventTarget()
    const document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
    const navigator = { onLine: true }
    vi.stubGlobal('addEventListener', happenings.addEventListener.bind(happenings))
    vi.stubGlobal('removeEventListener', happenings.removeEventListener.bind(happenings))
    vi.stubGlobal('document', document)
    vi.stubGlobal('navigator', navigator)
    const tell = (target: EventTarget, event: string) => target.dispatchEvent(new Event(event))
    return {
      goOffline: () => Object.assign(navigator, { onLine: false }),
      goOnline() {
        navigator.onLine = true
        tell(happenings, 'online')
      },
      show(visibilityState: 'visible' | 'hidden') {
        document.visibilityState = visibilityState
        tell(document, 'visibilitychange')
      },
    }
  }

  test('without a network it waits, and comes back at once with it', async () => {
    const { goOffline, goOnline } = page()
    await using fake = await startFake()
    const client = watch(fake.url)
    const peer = await fake.peer()
    await peer.heard()
    goOffline()
    peer.ws.terminate()
    await becomes(client, 'waiting')
    expect(fake.count).toBe(1)
    goOnline()
    await (await fake.peer()).heard()
    client.close()
  })

  test('that is seen again it is asked at once whether the connection has survived', async () => {
    const { show } = page()
    await using fake = await startFake()
    const client = watch(fake.url, { timeoutMs: 100 })
    const peer = await fake.peer()
    await peer.heard()
    show('hidden')
    show('visible')
    await peer.heard()
    expect(await becomes(client, 'waiting')).toMatchObject({ code: 'TIMEOUT' })
    await fake.peer()
    client.close()
  })

  test('that is hidden, nobody is asked, however quiet it is, before it is seen again', () => {
    vi.useFakeTimers()
    const { show } = page()
    const ask = vi.fn(() => undefined)
    const onDead = vi.fn()
    const silence = watchSilence({ quietMs: 1_000, replyMs: 100, ask, onDead })
    show('hidden')
    vi.advanceTimersByTime(60_000)
    expect(ask).not.toHaveBeenCalled()
    show('visible')
    vi.advanceTimersByTime(1_000)
    expect(ask).toHaveBeenCalledOnce()
    vi.advanceTimersByTime(100)
    expect(onDead).toHaveBeenCalledOnce()
    silence.stop()
    vi.useRealTimers()
  })
})

describe('a signal', () => {
  test('that is aborted already is thrown at once', () => {
    expect(() => watch('http://127.0.0.1:9', { signal: AbortSignal.abort() })).toThrow('aborted')
  })

  test.each(['connecting', 'open', 'waiting'] as const)('ends what is %s, for all who wait', async (when) => {
    await using mute = await startTcp(() => {})
    await using fake = await startFake()
    const aborter = new AbortController()
    const client = watch(when === 'connecting' ? mute.url : fake.url, { signal: aborter.signal })
    const waiting = client[Symbol.asyncIterator]().next()
    if (when !== 'connecting') await client.opened
    if (when === 'waiting') {
      vi.spyOn(Math, 'random').mockReturnValue(1)
      const lost = becomes(client, 'waiting')
      const peer = await fake.peer()
      peer.ws.terminate()
      await lost
    }
    const reason = new Error('enough')
    aborter.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    expect(await client.closed).toBeUndefined()
    expect(client.state).toBe('closed')
    if (when === 'connecting') await expect(client.opened).rejects.toBe(reason)
  })
})

test('what is closed leaves no timer and no socket behind, and its iterators end quietly', async () => {
  await using fake = await startFake()
  const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const client = watch(fake.url)
  const peer = await fake.peer()
  peer.say(nobody)
  await peer.heard()
  const gone = new Promise((resolve) => peer.ws.once('close', resolve))
  client.close()
  const seen = []
  for await (const change of client) seen.push(change)
  expect(seen.length).toBeLessThanOrEqual(1)
  await gone
  const after = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  expect(after).toBeLessThanOrEqual(before + 1)
})

test('a listener that throws disturbs neither the others nor the connection', async () => {
  await using fake = await startFake()
  // Where the runtime would report it.
  const reported: unknown[] = []
  const queue = queueMicrotask
  vi.stubGlobal('queueMicrotask', (task: () => void) =>
    queue(() => {
      try {
        task()
      } catch (error) {
        reported.push(error)
      }
    }),
  )
  const client = watch(fake.url)
  client.on('change', () => {
    throw new Error('my own')
  })
  const heard = new Promise((resolve) => client.on('change', resolve))
  ;(await fake.peer()).say(nobody)
  expect(await heard).toEqual(nobody.users)
  await vi.waitFor(() => expect(reported).toMatchObject([{ message: 'my own' }]))
  expect([client.state, fake.count]).toEqual(['open', 1])
  client.close()
})

test('no error holds the token, nor what a server said', async () => {
  const errors: unknown[] = []
  await using garbage = await startFake({ onPeer: ({ ws }) => ws.send('hunter2 hunter2') })
  await using refusing = await startFake({
    refuse: () => 401,
    http: (_request, response) => answerJson(response, 401, 'hunter2'),
  })
  for (const { url } of [garbage, refusing]) {
    errors.push(await watch(url, { giveUpMs: 20 }).closed)
    errors.push(await connectChat({ url, token: TOKEN, giveUpMs: 20 }).join('lobby').closed)
  }
  errors.push(await watchPresence({ url: garbage.url, token: `${TOKEN} x` }, []).closed)
  for (const error of errors) {
    expect(error).toBeInstanceOf(SwitchboardError)
    expect(inspect(error, { depth: null })).not.toMatch(/hunter2|eyJhbGci/)
  }
})
