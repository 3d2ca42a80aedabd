import { expect, test } from 'vitest'
import { testWorlds } from './support.ts'

const worlds = testWorlds()

interface Message {
  type: number
  [key: string]: unknown
}

/** A client that knows the document and nothing else, on the platform's own WebSocket. */
class DocumentClient {
  readonly socket: WebSocket
  readonly #came: Message[] = []
  #wake = () => {}
  readonly closed: Promise<number>

  constructor(origin: string, nick: string) {
    this.socket = new WebSocket(`${origin}/chat/login/${nick}`)
    this.socket.onmessage = ({ data }) => {
      this.#came.push(JSON.parse(data) as Message)
      this.#wake()
    }
    this.closed = new Promise((resolve) => {
      this.socket.onclose = ({ code }) => resolve(code)
    })
  }

  async next(): Promise<Message> {
    while (this.#came.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#came.shift() as Message
  }

  say(command: Message): void {
    this.socket.send(JSON.stringify(command))
  }
}

test('a client written against the document alone works', async () => {
  await using server = await worlds.world().process()
  const bob = new DocumentClient(server.wsUrl, 'bob')
  expect(await bob.next()).toEqual({ type: 2, user: 'bob' })
  expect(await bob.next()).toEqual({ type: 6, users: ['bob'] })

  const zoe = new DocumentClient(server.wsUrl, encodeURIComponent('Ζωή'))
  expect(await zoe.next()).toEqual({ type: 2, user: 'Ζωή' })
  expect(await zoe.next()).toEqual({ type: 6, users: ['bob', 'Ζωή'] })
  expect(await bob.next()).toEqual({ type: 2, user: 'Ζωή' })

  bob.say({ type: 4, channel: '#django' })
  expect(await bob.next()).toEqual({ type: 4, channel: 'django', user: 'bob' })
  zoe.say({ type: 4, channel: 'django' })
  expect(await zoe.next()).toEqual({ type: 4, channel: 'django', user: 'Ζωή' })
  expect(await bob.next()).toEqual({ type: 4, channel: 'django', user: 'Ζωή' })

  zoe.say({ type: 0, dest: '#django', message: 'hello world' })
  const said = { type: 0, dest: '#django', message: 'hello world', user: 'Ζωή' }
  expect(await zoe.next()).toEqual(said)
  expect(await bob.next()).toEqual(said)

  bob.say({ type: 6 })
  expect(await bob.next()).toEqual({ type: 6, users: ['bob', 'Ζωή'] })

  zoe.say({ type: 5, channel: '#django' })
  expect(await zoe.next()).toEqual({ type: 5, channel: 'django', user: 'Ζωή' })
  expect(await bob.next()).toEqual({ type: 5, channel: 'django', user: 'Ζωή' })

  zoe.say({ type: 3 })
  expect(await zoe.closed).toBe(1000)
  expect(await bob.next()).toEqual({ type: 3, user: 'Ζωή' })
  bob.socket.close()
  await bob.closed
})
