import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Installation, install } from './support/installation.ts'

let installation: Installation
let origin: string
beforeAll(async () => {
  installation = await install()
  origin = `127.0.0.1:${installation.first.port}`
})
afterAll(() => installation[Symbol.asyncDispose]())

/** A client that was written against the document and knows nothing else, in a browser's own terms. */
class DocumentClient {
  token: string | undefined
  readonly heard: { sender: { username: string }; text: string }[] = []
  #socket: WebSocket | undefined
  #wake: () => void = () => {}

  async #post(path: string, content: object) {
    const response = await fetch(`http://${origin}/api/v1${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(content),
    })
    const { error, data } = (await response.json()) as {
      error: { type?: string; Type?: string } | null
      data: Record<string, unknown> | null
    }
    return { code: response.status, error, data }
  }

  createUser(username: string, secret: string) {
    return this.#post('/users', { username, secret })
  }

  async logIn(username: string, secret: string) {
    const answer = await this.#post('/login', { username, secret })
    if (answer.data) this.token = answer.data['token'] as string
    return answer
  }

  /** "To use authentication, pass the JWT token string as the first protocol parameter to the WebSocket object." */
  joinRoom(room: string): Promise<void> {
    const socket = new WebSocket(`ws://${origin}/api/v1/rooms/${room}/messages/ws`, String(this.token))
    this.#socket = socket
    socket.onmessage = ({ data }) => {
      this.heard.push(...JSON.parse(data as string))
      this.#wake()
    }
    return new Promise((resolve, reject) => {
      socket.onopen = () => resolve()
      socket.onerror = () => reject(new Error('refused'))
    })
  }

  send(text: string) {
    this.#socket?.send(JSON.stringify({ text }))
  }

  async hear(count: number) {
    while (this.heard.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.heard.map(({ sender, text }) => `${sender.username}: ${text}`)
  }

  terminated(): Promise<number> {
    return new Promise((resolve) => {
      if (this.#socket) this.#socket.onclose = ({ code }) => resolve(code)
    })
  }

  leave() {
    this.#socket?.close()
  }
}

describe('a client that knows the document alone', () => {
  it('creates users, logs in, joins a room, talks and listens; without a token it listens', async () => {
    const [someone, foobar, reader] = [new DocumentClient(), new DocumentClient(), new DocumentClient()]
    expect(await someone.createUser('someusername', 'somepassword')).toEqual({
      code: 201,
      error: null,
      data: { id: expect.any(Number), username: 'someusername' },
    })
    await foobar.createUser('foobar', '123xyz')
    await someone.logIn('someusername', 'somepassword')
    const login = await foobar.logIn('foobar', '123xyz')
    expect(login).toEqual({
      code: 200,
      error: null,
      data: { token: expect.any(String), user: { id: expect.any(Number), username: 'foobar' } },
    })

    await Promise.all([someone, foobar, reader].map((client) => client.joinRoom('lobby')))
    someone.send('hello')
    await someone.hear(1)
    foobar.send('hello yourself')
    const talk = ['someusername: hello', 'foobar: hello yourself']
    for (const client of [someone, foobar, reader]) expect(await client.hear(2)).toEqual(talk)

    const terminated = reader.terminated()
    reader.send('me too')
    expect(await terminated).toBe(1008)
    someone.send('quiet again')
    expect(await foobar.hear(3)).toEqual([...talk, 'someusername: quiet again'])
    someone.leave()
    foobar.leave()
  })

  it('is told of its errors by the names of the document', async () => {
    const client = new DocumentClient()
    const type = async (answer: ReturnType<DocumentClient['logIn']>) => {
      const { code, error, data } = await answer
      expect(data).toBeNull()
      expect(error?.type).toBe(error?.Type)
      return [code, error?.Type]
    }
    await client.createUser('taken', 'x')
    expect(await type(client.createUser('no secret', undefined as never))).toEqual([400, 'BAD_BINDING'])
    expect(await type(client.createUser('no good secret', ''))).toEqual([400, 'BAD_PASSWORD'])
    expect(await type(client.logIn('taken', undefined as never))).toEqual([400, 'BAD_BINDING'])
    expect(await type(client.logIn('not taken', 'x'))).toEqual([400, 'USER_NOT_FOUND'])
    expect(await type(client.logIn('taken', 'wrong'))).toEqual([401, 'PASSWORD_MATCH_FAILED'])
  })
})
