import { connectChannels } from '@switchboard/sdk/channels'
import { lineTo } from '@switchboard/testing/line'
import { expect, test, vi } from 'vitest'
import { freshName, type Origin } from '../origin.ts'
import { becomes, next, over, person, portOf } from './clients.ts'

const freshNick = (prefix: string): string => freshName(prefix).slice(0, 32)

/** What the SDK promises of channels. */
export function channelsSuite(origin: () => Origin): void {
  test('two nicks meet in a channel', async () => {
    const { url } = origin()
    const [alice, bob] = [freshNick('alice'), freshNick('bob')]
    const name = freshName('django')
    const a = connectChannels({ url, nick: alice })
    const inside = a.join(`#${name}`)
    await inside.joined
    const came = new Promise((resolve) => inside.on('join', resolve))
    const b = connectChannels({ url, nick: bob })
    const other = b.join(name)
    await other.joined
    expect(await came).toEqual({ user: bob })
    expect(await inside.users()).toEqual([alice, bob])
    expect(await a.users()).toEqual(expect.arrayContaining([alice, bob]))
    const heard = Promise.all([next(inside, 2), next(other, 2), next(a, 2)])
    const arrived = next(other, 1)
    expect(await inside.send('hello')).toEqual({ type: 0, dest: name, message: 'hello', user: alice })
    // One's own is there at once; what was said at another process may come later.
    await arrived
    await other.send('hello yourself')
    for (const messages of await heard)
      expect(messages.map(({ message }) => message)).toEqual(['hello', 'hello yourself'])
    const left = new Promise((resolve) => inside.on('leave', resolve))
    other.leave()
    expect(await left).toEqual({ user: bob })
    b.say(`#${name}`, 'from outside')
    expect(await next(inside, 1)).toMatchObject([{ message: 'from outside', user: bob }])
    const gone = new Promise((resolve) => a.on('logout', ({ user }) => user === bob && resolve(user)))
    b.close()
    await gone
    a.close()
  })

  test('whoever comes back is in the same channels under the same nick', async () => {
    const nick = freshNick('alice')
    await using line = await lineTo(portOf(origin()))
    const channels = connectChannels({ url: over(line), nick })
    const inside = ['one', 'two'].map((prefix) => channels.join(freshName(prefix)))
    await Promise.all(inside.map(({ joined }) => joined))
    const lost = becomes(channels, 'waiting')
    line.cut()
    await lost
    const sent = inside.map((channel) => channel.send('back again'))
    line.mend()
    for (const message of await Promise.all(sent)) expect(message).toMatchObject({ user: nick })
    channels.close()
  })

  test('what was said over a line that broke is not said again', async () => {
    const nick = freshNick('alice')
    await using line = await lineTo(portOf(origin()))
    const channels = connectChannels({ url: over(line), nick })
    const channel = channels.join(freshName('lost'))
    await channel.joined
    line.stall()
    const sent = channel.send('into the silence')
    line.cut()
    await expect(sent).rejects.toMatchObject({ code: 'UNCONFIRMED', retryable: false })
    line.mend()
    await channel.send('heard')
    channels.close()
  })

  test('a nick that somebody has, is reserved or is none is told so, and not tried again', async () => {
    const { url } = origin()
    const nick = freshNick('alice')
    const first = connectChannels({ url, nick })
    await first.opened
    const second = connectChannels({ url, nick: nick.toUpperCase() })
    await expect(second.opened).rejects.toMatchObject({ code: 'NICK_IN_USE', retryable: false })
    expect(await second.closed).toMatchObject({ code: 'NICK_IN_USE' })
    const none = connectChannels({ url, nick: '2 b' })
    expect(await none.closed).toMatchObject({ code: 'BAD_NICK', retryable: false })
    await first.register('correct horse')
    await expect(first.register('wrong')).rejects.toMatchObject({ code: 'BAD_PASSWORD' })
    first.close()
    await first.closed
    const stranger = connectChannels({ url, nick })
    expect(await stranger.closed).toMatchObject({ retryable: false })
  })

  test('with the account’s token a nick is taken from whoever has it, who does not take it back', async () => {
    const { url } = origin()
    const alice = await person(origin(), 'alice')
    const nick = alice.username
    const own = connectChannels({ url, nick, token: alice.token })
    await own.opened
    await own.register(alice.secret)
    const other = connectChannels({ url, nick, token: alice.token })
    await other.opened
    expect(await own.closed).toMatchObject({ code: 'NICK_IN_USE', retryable: false })
    expect(other.state).toBe('open')
    other.close()
  })

  test('a silent line is noticed, a living one is let be', async () => {
    await using line = await lineTo(portOf(origin()))
    const channels = connectChannels({ url: over(line), nick: freshNick('q'), quietMs: 50, timeoutMs: 1_000 })
    await channels.opened
    // It is asked again only where it has answered.
    const said = vi.spyOn(WebSocket.prototype, 'send')
    await vi.waitFor(() => expect(said.mock.calls.length).toBeGreaterThan(5))
    expect(channels.state).toBe('open')
    const lost = becomes(channels, 'waiting')
    line.stall()
    await lost
    line.mend()
    await becomes(channels, 'open')
    channels.close()
  })

  test('what cannot be is refused before it is sent', () => {
    const channels = connectChannels({ url: origin().url, nick: freshNick('alice') })
    const isBad = expect.objectContaining({ code: 'BAD_MESSAGE', retryable: false })
    for (const name of ['', '#', 'a b', 'a,b', 'x'.repeat(65)])
      expect(() => channels.join(name)).toThrow(isBad)
    expect(() => channels.say('django', 'x'.repeat(16 * 1024))).toThrow(isBad)
    for (let n = 0; n < 100; n++) channels.join(`channel-${n}`)
    expect(() => channels.join('one-more')).toThrow(expect.objectContaining({ code: 'TOO_MANY_PLACES' }))
    expect(channels.join('#channel-1')).toBe(channels.join('channel-1'))
    channels.close()
  })
}
