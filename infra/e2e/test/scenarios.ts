import { connect } from '@switchboard/testing/socket'
import { io } from 'socket.io-client'
import { expect, test } from 'vitest'
import { acrossServices } from './across.ts'
import { freshName, type Origin, postForm, postJson, signUp } from './origin.ts'
import { type Message, nextEvent, nextMessages } from './wires.ts'

function accounts(origin: () => Origin): void {
  test('an account made over ide logs in over chat, and its token is good in both', async () => {
    const { url, wsUrl } = origin()
    const alice = await signUp(origin(), 'alice')
    expect(alice.id).toBeGreaterThan(0)
    const repos = await fetch(`${url}/api/v1/repos?token=${alice.token}`)
    expect([repos.status, await repos.json()]).toEqual([200, { repos: [] }])
    const room = `${wsUrl}/api/v1/rooms/${freshName('room')}/messages/ws`
    const auth = await postForm(`${url}/api/v1/user/auth`, {
      username: alice.username,
      password: alice.password,
      ide_id: 'desk',
    })
    const { token } = (await auth.json()) as { token: string }
    await using client = await connect(room, { protocols: [token] })
    client.send({ text: 'an ide token' })
    expect(await nextMessages(client, 1)).toMatchObject([
      { sender: { id: alice.id, username: alice.username } },
    ])
  })

  test('a token that was logged out is refused everywhere', async () => {
    const { url, wsUrl } = origin()
    const alice = await signUp(origin(), 'alice')
    await using socket = await connect(`${wsUrl}/api/v1/socket?token=${alice.token}`)
    const out = await fetch(`${url}/api/v1/user/logout`, {
      method: 'POST',
      headers: { authorization: `Bearer ${alice.token}` },
    })
    expect(out.status).toBe(200)
    expect((await socket.closed).code).toBe(1008)
    expect((await fetch(`${url}/api/v1/repos?token=${alice.token}`)).status).toBe(401)
    const room = `${wsUrl}/api/v1/rooms/lobby/messages/ws`
    await expect(connect(room, { protocols: [alice.token] })).rejects.toThrow('401')
  })
}

function chat(origin: () => Origin): void {
  test('two people talk in a room, a guest reads along and may not speak', async () => {
    const { wsUrl } = origin()
    const room = `${wsUrl}/api/v1/rooms/${freshName('room')}/messages/ws`
    const [alice, bob] = await Promise.all([signUp(origin(), 'alice'), signUp(origin(), 'bob')])
    await using a = await connect(room, { protocols: [alice.token] })
    await using b = await connect(room, { protocols: [bob.token] })
    await using guest = await connect(room)
    a.send({ text: 'hello' })
    const heard = await Promise.all([a, b, guest].map((client) => nextMessages(client, 1)))
    for (const messages of heard)
      expect(messages).toMatchObject([{ sender: { username: alice.username }, text: 'hello' }])
    b.send({ text: 'hello yourself' })
    expect(await nextMessages(guest, 1)).toMatchObject([
      { sender: { username: bob.username }, text: 'hello yourself' },
    ])
    guest.send({ text: 'me too' })
    expect((await guest.closed).code).toBe(1008)
    expect((await nextMessages(a, 1))[0]?.text).toBe('hello yourself')
  })

  test('everyone in a room sees one order, and history tells the same', async () => {
    const { url, wsUrl } = origin()
    const name = freshName('room')
    const room = `${wsUrl}/api/v1/rooms/${name}/messages/ws`
    const people = await Promise.all(['a', 'b', 'c'].map((prefix) => signUp(origin(), prefix)))
    const clients = await Promise.all(people.map(({ token }) => connect(room, { protocols: [token] })))
    const each = 50
    for (let i = 0; i < each; i++)
      for (const [who, client] of clients.entries()) client.send({ text: `${who} ${i}` })
    const seen = await Promise.all(clients.map((client) => nextMessages(client, each * clients.length)))
    const ids = seen.map((messages) => messages.map(({ id }) => id))
    for (const order of ids) expect(order).toEqual(ids[0])
    for (const who of clients.keys()) {
      const own = seen[0]?.map(({ text }) => text).filter((text) => text.startsWith(`${who} `))
      expect(own).toEqual(Array.from({ length: each }, (_, i) => `${who} ${i}`))
    }
    const { data } = (await (await fetch(`${url}/api/v1/rooms/${name}`)).json()) as { data: { id: string } }
    const history = await fetch(`${url}/api/v1/messages?room_id=${data.id}&count=200`)
    expect(((await history.json()) as { data: Message[] }).data.map(({ id }) => id)).toEqual(ids[0])
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()))
  })
}

function ide(origin: () => Origin): void {
  test('two IDEs find each other in a space and exchange an offer and an answer', async () => {
    const { wsUrl } = origin()
    const space = freshName('space')
    const [alice, bob] = await Promise.all([signUp(origin(), 'alice'), signUp(origin(), 'bob')])
    await using a = await connect(`${wsUrl}/api/v1/socket?token=${alice.token}`)
    a.send(`list:|:${JSON.stringify({ space })}`)
    expect(await nextEvent(a)).toEqual(['list', []])
    await using b = await connect(`${wsUrl}/api/v1/socket?token=${bob.token}`)
    b.send(`list:|:${JSON.stringify({ space })}`)
    expect(await nextEvent(b)).toEqual(['list', [alice.username]])
    const offer = { type: 'offer', sdp: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n', 'odd |:|: key': null }
    b.send(`send:|:${JSON.stringify({ to: alice.username, data: offer })}`)
    let event = await nextEvent(a)
    if (event[0] === 'joined') event = await nextEvent(a)
    expect(event).toEqual(['msg', { from: bob.username, data: offer }])
    a.send(`send:|:${JSON.stringify({ to: bob.username, data: { type: 'answer' } })}`)
    expect(await nextEvent(b)).toEqual(['msg', { from: alice.username, data: { type: 'answer' } }])
    b.ws.close()
    expect(await nextEvent(a)).toEqual(['died', { user: bob.username, space }])
  })
}

function relay(origin: () => Origin): void {
  test('a webhook reaches a Socket.IO client and the client’s answer comes back', async () => {
    const { url } = origin()
    const token = await (await fetch(`${url}/v1/new`)).text()
    const socket = io(`${url}/${token}`, { transports: ['websocket'], forceNew: true })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('connect_error', reject)
    })
    socket.on(
      'request',
      (request: { params: unknown; body: unknown }, answer: (status: number, body: unknown) => void) =>
        answer(201, { params: request.params, body: request.body }),
    )
    const response = await postJson(`${url}/v1/go/${token}/hook?from=git`, { pushed: true })
    expect([response.status, await response.json()]).toEqual([
      201,
      { params: { token, from: 'git', pushed: true }, body: { pushed: true } },
    ])
    socket.close()
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
    const socket = io(`${url}/${token}`, { forceNew: true })
    const request = await new Promise<{ params: unknown }>((resolve) => socket.once('request', resolve))
    expect(request.params).toEqual({ token, n: '1' })
    socket.close()
  })
}

function channels(origin: () => Origin): void {
  test('two nicks meet in #django', async () => {
    const { wsUrl } = origin()
    const [alice, bob] = ['alice', 'bob'].map((prefix) => freshName(prefix).slice(0, 32)) as [string, string]
    await using a = await connect(`${wsUrl}/chat/login/${alice}`)
    await a.until((message) => message.includes('"type":6'))
    await using b = await connect(`${wsUrl}/chat/login/${bob}`)
    await b.until((message) => message.includes('"type":6'))
    a.send({ type: 4, channel: '#django' })
    await a.until((message) => message.includes('"type":4'))
    b.send({ type: 4, channel: 'django' })
    const joined = await a.until((message) => message.includes('"type":4'))
    expect(JSON.parse(joined.at(-1) ?? '')).toEqual({ type: 4, channel: 'django', user: bob })
    a.send({ type: 0, dest: '#django', message: 'hello world' })
    for (const client of [a, b]) {
      const said = await client.until((message) => message.includes('"type":0'))
      expect(JSON.parse(said.at(-1) ?? '')).toEqual({
        type: 0,
        dest: '#django',
        message: 'hello world',
        user: alice,
      })
    }
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
