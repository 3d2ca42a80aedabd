import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Channels, connectChannels } from '../src/channels.ts'
import { type Peer, startFake } from './support/fake.ts'

const NICK = 'alice'

/** What a server says to somebody who is let in. */
const letIn = (peer: Peer) => peer.say({ type: 2, user: NICK }, { type: 6, users: [NICK] })
const refuse = (peer: Peer, code: string) => {
  peer.say({ type: -1, code, message: 'not under this nickname' })
  peer.ws.close(1008, code)
}

const becomes = (client: Channels, wanted: string) =>
  new Promise((resolve) => client.on('state', ({ state, error }) => state === wanted && resolve(error)))

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('a nickname', () => {
  test('that somebody has is not waited for', async () => {
    await using fake = await startFake({ onPeer: (peer) => refuse(peer, 'NICK_IN_USE') })
    const channels = connectChannels({ url: fake.url, nick: NICK })
    await expect(channels.opened).rejects.toMatchObject({ code: 'NICK_IN_USE', retryable: false })
    expect(fake.count).toBe(1)
  })

  test('that is one’s own, and still held by a connection that broke, is waited for, and so is what is said', async () => {
    await using fake = await startFake()
    const channels = connectChannels({ url: fake.url, nick: NICK })
    const channel = channels.join('django')
    const first = await fake.peer()
    letIn(first)
    await channels.opened
    const lost = becomes(channels, 'waiting')
    first.ws.terminate()
    await lost
    const sent = channel.send('hi')
    for (let time = 0; time < 5; time++) {
      const refused = becomes(channels, 'waiting')
      refuse(await fake.peer(), 'NICK_IN_USE')
      expect(await refused).toMatchObject({ code: 'NICK_IN_USE', retryable: true })
    }
    const again = await fake.peer()
    letIn(again)
    expect(JSON.parse(await again.heard())).toEqual({ type: 4, channel: 'django' })
    expect(JSON.parse(await again.heard())).toEqual({ type: 0, dest: 'django', message: 'hi' })
    again.say({ type: 0, dest: 'django', message: 'hi', user: NICK })
    expect(await sent).toMatchObject({ message: 'hi' })
    channels.close()
  })

  test('that was taken by whose it is, is not taken back', async () => {
    await using fake = await startFake()
    const channels = connectChannels({ url: fake.url, nick: NICK })
    const peer = await fake.peer()
    letIn(peer)
    await channels.opened
    refuse(peer, 'NICK_IN_USE')
    expect(await channels.closed).toMatchObject({ code: 'NICK_IN_USE', retryable: false })
    expect(fake.count).toBe(1)
  })

  test('is in the path as anybody may write it', async () => {
    await using fake = await startFake()
    const channels = connectChannels({ url: fake.url, nick: '[Ζωή]|^' })
    expect((await fake.peer()).url).toBe(`/chat/login/${encodeURIComponent('[Ζωή]|^')}`)
    channels.close()
  })
})

test('a server that lets in and says nothing is a TIMEOUT', async () => {
  await using fake = await startFake()
  const channels = connectChannels({ url: fake.url, nick: NICK, timeoutMs: 50, giveUpMs: 120 })
  expect(await channels.closed).toMatchObject({ code: 'TIMEOUT' })
})

test('an error that names what failed refuses it; any other is told', async () => {
  await using fake = await startFake()
  const channels = connectChannels({ url: fake.url, nick: NICK })
  const peer = await fake.peer()
  letIn(peer)
  await channels.opened
  const registering = channels.register('wrong')
  await peer.heard()
  const failure = new Promise((resolve) => channels.on('failure', resolve))
  peer.say({ type: -1, code: 'BAD_PASSWORD', message: 'not the password' })
  await expect(registering).rejects.toMatchObject({ code: 'BAD_PASSWORD', retryable: false })
  expect(await failure).toMatchObject({ code: 'BAD_PASSWORD' })
  expect(channels.state).toBe('open')
  channels.close()
})
