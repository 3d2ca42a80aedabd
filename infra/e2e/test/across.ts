import { connect } from '@switchboard/testing/socket'
import { expect, test } from 'vitest'
import { freshName, type Origin, postJson, signUp } from './origin.ts'
import { nextMessages } from './wires.ts'

interface Spot {
  service: string
  place?: string
}

const spots = (list: readonly Spot[]): string[] =>
  list.map(({ service, place }) => `${service} ${place}`).sort()

function presence(origin: () => Origin): void {
  test('an account is seen where it is connected, in every service, and no longer', async () => {
    const { url, wsUrl } = origin()
    const [alice, bob] = await Promise.all([signUp(origin(), 'alice'), signUp(origin(), 'bob')])
    const [room, space] = [freshName('room'), freshName('space')]
    await using watcher = await connect(`${wsUrl}/api/v1/presence/ws`, { protocols: [bob.token] })
    watcher.send({ watch: [alice.username] })
    const told = async () => {
      const { users } = await watcher.nextJson<{ users: Record<string, Spot[]> }>()
      return spots(users[alice.username] ?? [])
    }
    expect(await told()).toEqual([])
    await using socket = await connect(`${wsUrl}/api/v1/socket?token=${alice.token}&space=${space}`)
    await using chatting = await connect(`${wsUrl}/api/v1/rooms/${room}/messages/ws`, {
      protocols: [alice.token],
    })
    const both = [`chat ${room}`, `ide ${space}`]
    for (let seen = await told(); seen.length < both.length || !both.every((one) => seen.includes(one)); )
      seen = await told()
    const asked = await fetch(`${url}/api/v1/presence?user=${alice.username}`, {
      headers: { authorization: `Bearer ${bob.token}` },
    })
    const { data } = (await asked.json()) as { data: { users: Record<string, Spot[]> } }
    expect(spots(data.users[alice.username] ?? [])).toEqual(both)
    chatting.ws.close()
    socket.ws.close()
    for (let seen = await told(); seen.length > 0; ) seen = await told()
  })
}

function links(origin: () => Origin): void {
  test('what is said in a room is heard in a channel that it is linked to, and the other way round', async () => {
    const { url, wsUrl } = origin()
    const alice = await signUp(origin(), 'alice')
    const room = freshName('room')
    const [channel, nick] = [freshName('channel'), freshName('bob').slice(0, 32)]
    await using chatting = await connect(`${wsUrl}/api/v1/rooms/${room}/messages/ws`, {
      protocols: [alice.token],
    })
    await using bob = await connect(`${wsUrl}/chat/login/${nick}`)
    bob.send({ type: 4, channel })
    await bob.until((message) => message.includes('"type":4'))
    const made = await postJson(
      `${url}/api/v1/rooms/${room}/links`,
      { kind: 'channel', name: channel },
      { authorization: `Bearer ${alice.token}` },
    )
    expect(made.status).toBe(201)
    chatting.send({ text: 'hello channel' })
    const heard = await bob.until((message) => message.includes('hello channel'))
    expect(JSON.parse(heard.at(-1) ?? '')).toMatchObject({ type: 0, user: `${alice.username}@chat` })
    bob.send({ type: 0, dest: channel, message: 'hello room' })
    const [own, theirs] = await nextMessages(chatting, 2)
    expect(own).toMatchObject({ sender: { id: alice.id }, text: 'hello channel' })
    expect(theirs).toMatchObject({
      sender: { id: 0, username: `${nick}@channels`, via: 'channels' },
      text: 'hello room',
    })
  })
}

/** What services do with each other. */
export function acrossServices(origin: () => Origin): void {
  presence(origin)
  links(origin)
}
