import { connectChannels } from '@switchboard/sdk/channels'
import { connectChat, getMessages, getRoom } from '@switchboard/sdk/chat'
import { connectIde, logOut } from '@switchboard/sdk/ide'
import { openRelay } from '@switchboard/sdk/relay'
import { connect } from '@switchboard/testing/socket'
import { io } from 'socket.io-client'
import { expect, test } from 'vitest'
import { acrossServices } from './across.ts'
import { during, hear } from './hear.ts'
import { freshName, type Origin, postForm, postJson, signUp } from './origin.ts'
import { nextEvent, nextMessages } from './wires.ts'

function accounts(origin: () => Origin): void {
  test('an account made over ide logs in over chat, and its token is good in both', async () => {
    const { url } = origin()
    const alice = await signUp(origin(), 'alice')
    expect(alice.id).toBeGreaterThan(0)
    // As the document's clients ask: with forms, and the token in the query.
    const repos = await fetch(`${url}/api/v1/repos?token=${alice.token}`)
    expect([repos.status, await repos.json()]).toEqual([200, { repos: [] }])
    const auth = await postForm(`${url}/api/v1/user/auth`, {
      username: alice.username,
      password: alice.password,
      ide_id: 'desk',
    })
    const { token } = (await auth.json()) as { token: string }
    const room = during(connectChat({ url, token })).join(freshName('room'))
    expect(await room.send('an ide token')).toMatchObject({
      sender: { id: alice.id, username: alice.username },
    })
  })

  test('a token that was logged out is refused everywhere', async () => {
    const { url, wsUrl } = origin()
    const { token } = await signUp(origin(), 'alice')
    const ide = during(connectIde({ url, token }))
    await ide.opened
    await logOut({ url, token })
    expect(await ide.closed).toMatchObject({ closeCode: 1008, code: 'TOKEN_REVOKED' })
    expect((await fetch(`${url}/api/v1/repos?token=${token}`)).status).toBe(401)
    // With what an upgrade is refused, only the raw answer to it says.
    const address = `${wsUrl}/api/v1/rooms/lobby/messages/ws`
    await expect(connect(address, { protocols: [token] })).rejects.toThrow('401')
  })
}

function chat(origin: () => Origin): void {
  test('two people talk in a room, a guest reads along and may not speak', async () => {
    const { url, wsUrl } = origin()
    const name = freshName('room')
    const [alice, bob] = await Promise.all([signUp(origin(), 'alice'), signUp(origin(), 'bob')])
    const [a, b] = [alice, bob].map(({ token }) => during(connectChat({ url, token })).join(name))
    if (!a || !b) throw new Error('two people')
    await Promise.all([a.opened, b.opened])
    // Knows the document alone: it asks for nothing that was missed, and speaks where the SDK would not.
    await using guest = await connect(`${wsUrl}/api/v1/rooms/${name}/messages/ws`)
    const heard = [a, b].map((room) => hear(room))
    await a.send('hello')
    await b.send('hello yourself')
    const said = [
      { sender: { username: alice.username }, text: 'hello' },
      { sender: { username: bob.username }, text: 'hello yourself' },
    ]
    expect(await nextMessages(guest, 2)).toMatchObject(said)
    guest.send({ text: 'me too' })
    expect((await guest.closed).code).toBe(1008)
    await a.send('the end')
    for (const next of heard) expect(await next(3)).toMatchObject([...said, { text: 'the end' }])
  })

  test('everyone in a room sees one order, and history tells the same', async () => {
    const { url } = origin()
    const name = freshName('room')
    const people = await Promise.all(['a', 'b', 'c'].map((prefix) => signUp(origin(), prefix)))
    const rooms = people.map(({ token }) => during(connectChat({ url, token })).join(name))
    await Promise.all(rooms.map(({ opened }) => opened))
    const each = 50
    const heard = rooms.map((room) => hear(room)(each * rooms.length))
    const sent = Array.from({ length: each }, (_, i) =>
      rooms.map((room, who) => room.send(`${who} ${i}`)),
    ).flat()
    const seen = await Promise.all(heard)
    const ids = seen.map((messages) => messages.map(({ id }) => id))
    for (const order of ids) expect(order).toEqual(ids[0])
    for (const who of rooms.keys()) {
      const own = seen[0]?.map(({ text }) => text).filter((text) => text.startsWith(`${who} `))
      expect(own).toEqual(Array.from({ length: each }, (_, i) => `${who} ${i}`))
    }
    await Promise.all(sent)
    const { id: roomId } = await getRoom({ url }, name)
    const history = await getMessages({ url }, { roomId, count: 200 })
    expect(history.map(({ id }) => id)).toEqual(ids[0])
  })
}

function ide(origin: () => Origin): void {
  test('two IDEs find each other in a space and exchange an offer and an answer', async () => {
    const { url, wsUrl } = origin()
    const space = freshName('space')
    const [alice, bob] = await Promise.all([signUp(origin(), 'alice'), signUp(origin(), 'bob')])
    const a = during(connectIde({ url, token: alice.token }))
    expect(await a.enter(space)).toEqual([])
    const heard = hear(a)
    const joined = new Promise((resolve) => a.on('joined', resolve))
    const died = new Promise((resolve) => a.on('died', resolve))
    // Bob's knows the document alone.
    await using b = await connect(`${wsUrl}/api/v1/socket?token=${bob.token}`)
    b.send(`list:|:${JSON.stringify({ space })}`)
    expect(await nextEvent(b)).toEqual(['list', [alice.username]])
    expect(await joined).toEqual({ user: bob.username, space })
    const offer = { type: 'offer', sdp: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n', 'odd |:|: key': null }
    b.send(`send:|:${JSON.stringify({ to: alice.username, data: offer })}`)
    expect(await heard(1)).toEqual([{ from: bob.username, data: offer }])
    a.send(bob.username, { type: 'answer' })
    expect(await nextEvent(b)).toEqual(['msg', { from: alice.username, data: { type: 'answer' } }])
    b.ws.close()
    expect(await died).toEqual({ user: bob.username, space })
  })
}

function relay(origin: () => Origin): void {
  test('a webhook reaches a client and the client’s answer comes back', async () => {
    const { url } = origin()
    const client = during(await openRelay({ url }))
    client.on('request', ({ params, body, answer }) => answer({ status: 201, body: { params, body } }))
    await client.opened
    const response = await postJson(`${client.url}/hook?from=git`, { pushed: true })
    expect([response.status, await response.json()]).toEqual([
      201,
      { params: { token: client.token, from: 'git', pushed: true }, body: { pushed: true } },
    ])
  })

  test('a webhook for a client that is away waits for it', async () => {
    const { url } = origin()
    const token = await (await fetch(`${url}/v1/new`)).text()
    const response = await postForm(`${url}/v1/go/${token}`, { n: '1' })
    expect([response.status, response.headers.get('x-relay-delivery'), await response.text()]).toEqual([
      200,
      'queued',
      'OK',
    ])
    // As the document's clients connect: by polling first.
    const socket = io(`${url}/${token}`, { forceNew: true })
    const request = await new Promise<{ params: unknown }>((resolve) => socket.once('request', resolve))
    expect(request.params).toEqual({ token, n: '1' })
    socket.close()
  })
}

function channels(origin: () => Origin): void {
  test('two nicks meet in #django', async () => {
    const { url, wsUrl } = origin()
    const [alice, bob] = ['alice', 'bob'].map((prefix) => freshName(prefix).slice(0, 32)) as [string, string]
    const django = during(connectChannels({ url, nick: alice })).join('#django')
    await django.joined
    const heard = hear(django)
    const came = new Promise((resolve) => django.on('join', resolve))
    // Bob's knows the document alone.
    await using b = await connect(`${wsUrl}/chat/login/${bob}`)
    await b.until((message) => message.includes('"type":6'))
    b.send({ type: 4, channel: 'django' })
    const joined = await b.until((message) => message.includes('"type":4'))
    expect(JSON.parse(joined.at(-1) ?? '')).toEqual({ type: 4, channel: 'django', user: bob })
    expect(await came).toEqual({ user: bob })
    b.send({ type: 0, dest: '#django', message: 'hello world' })
    const said = { type: 0, dest: '#django', message: 'hello world', user: bob }
    const echo = await b.until((message) => message.includes('"type":0'))
    expect(JSON.parse(echo.at(-1) ?? '')).toEqual(said)
    expect(await heard(1)).toEqual([said])
    const answer = { type: 0, dest: 'django', message: 'hello yourself', user: alice }
    expect(await django.send('hello yourself')).toEqual(answer)
    expect(await heard(1)).toEqual([answer])
    const answered = await b.until((message) => message.includes('"type":0'))
    expect(JSON.parse(answered.at(-1) ?? '')).toEqual(answer)
  })
}

/** What any installation promises; `origin` is asked inside the tests, once it is up. */
export function scenarios(origin: () => Origin): void {
  accounts(origin)
  chat(origin)
  ide(origin)
  relay(origin)
  channels(origin)
  acrossServices(origin)
}
