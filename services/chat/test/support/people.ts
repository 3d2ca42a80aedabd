import { type Client, type ConnectOptions, connect } from '@switchboard/testing/socket'
import { get, post } from './http.ts'

export interface Person {
  id: number
  username: string
  token: string
}

let addresses = 0
/** Everyone comes from an address of their own, because sign-ups are limited by address. */
const fromElsewhere = () => {
  const n = ++addresses
  return { 'x-forwarded-for': `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}` }
}

export async function signUp(url: string, username: string): Promise<Person> {
  const credentials = { username, secret: `secret of ${username}` }
  const made = await post<{ id: number }>(`${url}/api/v1/users`, credentials, fromElsewhere())
  if (made.status !== 201) throw new Error(`sign-up: ${made.status} ${JSON.stringify(made.error)}`)
  const login = await post<{ token: string }>(`${url}/api/v1/login`, credentials)
  return { id: made.data.id, username, token: login.data.token }
}

export interface Message {
  id: string
  sender: { id: number; username: string; via?: string }
  text: string
  createTime: number
}

/** Someone in a room. */
export class Member implements AsyncDisposable {
  readonly client: Client
  #read: Message[] = []

  constructor(client: Client) {
    this.client = client
  }

  get closed(): Client['closed'] {
    return this.client.closed
  }

  say(...texts: string[]): void {
    for (const text of texts) this.client.send({ text })
  }

  /** The next messages, however they were put into frames. */
  async hear(count: number): Promise<Message[]> {
    while (this.#read.length < count) this.#read.push(...(await this.client.nextJson<Message[]>()))
    return this.#read.splice(0, count)
  }

  async hearTexts(count: number): Promise<string[]> {
    return (await this.hear(count)).map(({ text }) => text)
  }

  /** What has come that was not heard yet, when all that was sent to it before is here. */
  async rest(): Promise<Message[]> {
    await this.client.roundTrip()
    return this.left()
  }

  /** What has come by now and was not heard yet. */
  left(): Message[] {
    const frames = this.client.drain().map((frame) => JSON.parse(frame) as Message[])
    return [...this.#read.splice(0), ...frames.flat()]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]()
  }
}

export interface JoinOptions extends ConnectOptions {
  token?: string
  after?: string
}

export async function join(
  wsUrl: string,
  room: string,
  { token, after, protocols = token === undefined ? [] : [token], ...rest }: JoinOptions = {},
): Promise<Member> {
  const query = after === undefined ? '' : `?after=${after}`
  const path = `/api/v1/rooms/${encodeURIComponent(room)}/messages/ws${query}`
  return new Member(await connect(`${wsUrl}${path}`, { ...rest, protocols }))
}

/** The names of the accounts in a room, sorted. */
export const membersOf = async (url: string, room: string): Promise<string[]> =>
  (await get<Person[]>(`${url}/api/v1/rooms/${room}/users`)).data.map(({ username }) => username).sort()
