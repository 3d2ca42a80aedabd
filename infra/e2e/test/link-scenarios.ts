import { connectChannels } from '@switchboard/sdk/channels'
import { addLink, connectChat, getLinks, type Message } from '@switchboard/sdk/chat'
import { addMember, connectIde, createRepo, removeMember } from '@switchboard/sdk/ide'
import { logIn } from '@switchboard/sdk/nemesis'
import { expect, test } from 'vitest'
import { during, hear } from './hear.ts'
import { freshName, type Origin, type Person, postForm, postJson, signUp } from './origin.ts'

export interface Leader {
  username: string
  password: string
  college: string
}

/** Somebody in a room, whose messages are kept. */
async function enter({ url }: Origin, name: string, { token }: Person) {
  const room = during(connectChat({ url, token })).join(name)
  await room.opened
  const heard = hear(room)
  return {
    room,
    owner: { url, token },
    texts: async (count: number) => (await heard(count)).map(({ text }) => text),
    next: async (): Promise<Message | undefined> => (await heard(1))[0],
  }
}

/** A nick in a channel. */
async function enterChannel({ url }: Origin, name: string) {
  const nick = freshName('nick')
  const channel = during(connectChannels({ url, nick })).join(name)
  await channel.joined
  const heard = hear(channel)
  return {
    nick,
    channel,
    texts: async (count: number) => (await heard(count)).map(({ message }) => message),
    next: async () => (await heard(1))[0],
  }
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `${i}`)

/** Messages across services, through links. `leader`: of a college at nemesis. */
export function linkScenarios(origin: () => Origin, leader: () => Promise<Leader>): void {
  test('a room and a channel hear each other, and nobody hears an echo', async () => {
    const [name, channelName] = [freshName('room'), freshName('channel')]
    const alice = await signUp(origin(), 'alice')
    const inside = await enter(origin(), name, alice)
    const bob = await enterChannel(origin(), channelName)
    await addLink(inside.owner, name, { kind: 'channel', name: `#${channelName}` })
    await inside.room.send('from the room')
    expect(await bob.next()).toEqual({
      type: 0,
      dest: `#${channelName}`,
      message: 'from the room',
      user: `${alice.username}@chat`,
    })
    await bob.channel.send('from the channel')
    expect((await bob.next())?.user).toBe(bob.nick)
    expect((await inside.next())?.sender.id).toBe(alice.id)
    expect(await inside.next()).toMatchObject({
      text: 'from the channel',
      sender: { id: 0, username: `${bob.nick}@channels`, via: 'channels' },
    })
    await inside.room.send('the end')
    expect(await inside.texts(1)).toEqual(['the end'])
    expect(await bob.texts(1)).toEqual(['the end'])
  })

  test('a loop of three rooms and two channels with a flood of 1,000 messages ends, each everywhere once', async () => {
    const alice = await signUp(origin(), 'alice')
    const names = [1, 2, 3].map((n) => freshName(`loop-${n}`))
    const rooms = await Promise.all(names.map((name) => enter(origin(), name, alice)))
    const channels = await Promise.all(['a', 'b'].map((n) => enterChannel(origin(), freshName(`loop-${n}`))))
    const [first] = rooms
    const [tea] = channels
    if (!first || !tea) throw new Error('three rooms and two channels')
    for (const { room, owner } of rooms)
      for (const { channel } of channels)
        await addLink(owner, room.name, { kind: 'channel', name: channel.name })
    const texts = numbered(1000)
    const sent = texts.map((text) => first.room.send(text))
    const heard = [...rooms, ...channels].map((one) => one.texts(1000))
    for (const all of await Promise.all(heard)) expect(all).toEqual(texts)
    expect((await Promise.all(sent)).map(({ text }) => text)).toEqual(texts)
    await tea.channel.send('the end')
    for (const one of [...rooms, ...channels]) expect(await one.texts(1)).toEqual(['the end'])
  }, 90_000)

  test('requests to a relay token are told in the room, and on in its channel', async () => {
    const { url } = origin()
    const name = freshName('room')
    const alice = await enter(origin(), name, await signUp(origin(), 'alice'))
    const bob = await enterChannel(origin(), freshName('channel'))
    const token = await (await fetch(`${url}/v1/new`)).text()
    await addLink(alice.owner, name, { kind: 'relay', token })
    await addLink(alice.owner, name, { kind: 'channel', name: bob.channel.name })
    await postJson(`${url}/v1/go/${token}/push?secret=1`, { pushed: true })
    const text = 'POST /push\n{"pushed":true}'
    const username = `${token.slice(0, 4)}@relay`
    expect(await alice.next()).toMatchObject({ text, sender: { id: 0, username, via: 'relay' } })
    expect(await bob.next()).toMatchObject({ message: text, user: username })
    const links = await getLinks(alice.owner, name)
    expect(links).toHaveLength(2)
    expect(JSON.stringify(links)).not.toContain(token)
  })

  test('people who enter and leave an ide space are told, until it is closed to the owner', async () => {
    const { url } = origin()
    const [name, other] = [freshName('room'), freshName('room')]
    const [alice, bob] = await Promise.all([signUp(origin(), 'alice'), signUp(origin(), 'bob')])
    const a = await enter(origin(), name, alice)
    const b = await enter(origin(), other, bob)
    const { id } = await createRepo(b.owner, { name: 'engine' })
    const space = { kind: 'space', id } as const
    await expect(addLink(a.owner, name, space)).rejects.toMatchObject({ status: 403 })
    await addMember(b.owner, id, alice.username)
    await addLink(a.owner, name, space)
    await addLink(b.owner, other, space)

    const enterSpace = async () => {
      const ide = during(connectIde({ url, token: bob.token }))
      await ide.enter(id)
      return ide
    }
    const sender = { id: 0, username: `${bob.username}@ide`, via: 'ide' }
    const first = await enterSpace()
    expect(await a.next()).toMatchObject({ sender, text: `entered ${id}` })
    first.close()
    expect(await a.next()).toMatchObject({ sender, text: `left ${id}` })
    await removeMember(b.owner, id, alice.username)
    const second = await enterSpace()
    second.close()
    const toldBob = [`entered ${id}`, `left ${id}`]
    expect(await b.texts(4)).toEqual([...toldBob, ...toldBob])
    // Both rooms are told in one write: what bob's has heard, alice's would have heard before this.
    await a.room.send('nobody told me')
    expect(await a.texts(1)).toEqual(['nobody told me'])
  })

  test('a registration for a team is told, without name and address', async () => {
    const { url } = origin()
    const name = freshName('room')
    const alice = await enter(origin(), name, await signUp(origin(), 'alice'))
    const { username, password, college } = await leader()
    const { token } = await logIn({ url }, { username, password })
    for (const [id, wrong] of [
      [college, 'no token'],
      [college, alice.owner.token],
      ['college-of-others', token],
    ] as const) {
      const refused = addLink(alice.owner, name, { kind: 'college', id, token: wrong })
      await expect(refused).rejects.toMatchObject({ status: 403 })
    }
    await addLink(alice.owner, name, { kind: 'college', id: college, token })
    const team = freshName('team')
    const person = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.org', team }
    // As the document's clients ask: with a form, the token in it.
    expect((await postForm(`${url}/user/register`, { token, ...person })).status).toBe(200)
    expect(await alice.next()).toMatchObject({
      sender: { id: 0, username: `${college}@nemesis`, via: 'nemesis' },
      text: `a registration for ${team} came in`,
    })
  })
}
