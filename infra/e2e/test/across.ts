import { connectChannels } from '@switchboard/sdk/channels'
import { addLink, connectChat } from '@switchboard/sdk/chat'
import { connectIde } from '@switchboard/sdk/ide'
import { getPresence, type Users, watchPresence } from '@switchboard/sdk/presence'
import { expect, test } from 'vitest'
import { during, hear } from './hear.ts'
import { freshName, type Origin, signUp } from './origin.ts'

const spots = (users: Users | undefined, name: string): string[] =>
  (users?.[name] ?? []).map(({ service, place }) => `${service} ${place}`).sort()

function presence(origin: () => Origin): void {
  test('an account is seen where it is connected, in every service, and no longer', async () => {
    const { url } = origin()
    const [alice, bob] = await Promise.all([signUp(origin(), 'alice'), signUp(origin(), 'bob')])
    const [room, space] = [freshName('room'), freshName('space')]
    const told = hear(during(watchPresence({ url, token: bob.token }, [alice.username])))
    const nextSpots = async () => spots((await told(1))[0], alice.username)
    expect(await nextSpots()).toEqual([])
    const ide = during(connectIde({ url, token: alice.token }))
    await ide.enter(space)
    const chatting = during(connectChat({ url, token: alice.token })).join(room)
    await chatting.opened
    const both = [`chat ${room}`, `ide ${space}`]
    for (let seen = await nextSpots(); !both.every((one) => seen.includes(one)); ) seen = await nextSpots()
    const asked = await getPresence({ url, token: bob.token }, [alice.username])
    expect(spots(asked, alice.username)).toEqual(both)
    chatting.close()
    ide.close()
    for (let seen = await nextSpots(); seen.length > 0; ) seen = await nextSpots()
  })
}

function links(origin: () => Origin): void {
  test('what is said in a room is heard in a channel that it is linked to, and the other way round', async () => {
    const { url } = origin()
    const alice = await signUp(origin(), 'alice')
    const [name, nick] = [freshName('room'), freshName('bob').slice(0, 32)]
    const room = during(connectChat({ url, token: alice.token })).join(name)
    await room.opened
    const channel = during(connectChannels({ url, nick })).join(freshName('channel'))
    await channel.joined
    const [inRoom, inChannel] = [hear(room), hear(channel)]
    const target = { kind: 'channel', name: channel.name } as const
    expect(await addLink({ url, token: alice.token }, name, target)).toMatchObject(target)
    await room.send('hello channel')
    expect(await inChannel(1)).toMatchObject([
      { type: 0, user: `${alice.username}@chat`, message: 'hello channel' },
    ])
    await channel.send('hello room')
    expect(await inRoom(2)).toMatchObject([
      { sender: { id: alice.id }, text: 'hello channel' },
      { sender: { id: 0, username: `${nick}@channels`, via: 'channels' }, text: 'hello room' },
    ])
  })
}

/** What services do with each other. */
export function acrossServices(origin: () => Origin): void {
  presence(origin)
  links(origin)
}
