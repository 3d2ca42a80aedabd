import { setTimeout as wait } from 'node:timers/promises'
import { type Client, type Closed, connect } from '@switchboard/testing/socket'
import type { Message, Person } from './people.ts'

/** How soon it tries again where nobody lets it in, milliseconds. */
const RETRY_MS = 100

/** A client as it should be: where its connection ends it comes back, to whoever takes it, and asks for what it missed. */
export class Wanderer implements AsyncDisposable {
  readonly person: Person
  /** All that it heard, as it came. */
  readonly heard: Message[] = []
  /** What it said, whether it came back or not. */
  readonly said: string[] = []
  /** How its connections ended. */
  readonly closes: Closed[] = []
  /** A frame said that more was missed than is sent. */
  missedMore = false
  /** What it said on this connection and did not hear yet. */
  readonly #waiting = new Set<string>()
  #client: Client | undefined
  #stopped = false
  readonly #running: Promise<void>

  /** @param wsUrls the processes; the list may change */
  constructor(wsUrls: readonly string[], room: string, person: Person, first: number) {
    this.person = person
    this.#running = this.#wander(wsUrls, room, first)
  }

  get connected(): boolean {
    return this.#client?.ws.readyState === 1
  }

  /** Says it where it is connected. */
  say(text: string): void {
    if (!this.connected) return
    this.#client?.send({ text })
    this.said.push(text)
    this.#waiting.add(text)
  }

  /** All that it said has come back, but for what was said on connections that ended. */
  get answered(): boolean {
    return this.#waiting.size === 0
  }

  get texts(): string[] {
    return this.heard.map(({ text }) => text)
  }

  /** What it said and heard. */
  get acknowledged(): string[] {
    return this.heard.filter(({ sender }) => sender.id === this.person.id).map(({ text }) => text)
  }

  async #wander(wsUrls: readonly string[], room: string, first: number): Promise<void> {
    for (let next = first; !this.#stopped; next++) {
      const last = this.heard.at(-1)
      const path = `/api/v1/rooms/${room}/messages/ws${last ? `?after=${last.id}` : ''}`
      try {
        this.#client = await connect(`${wsUrls[next % wsUrls.length]}${path}`, {
          protocols: [this.person.token],
        })
      } catch {
        await wait(RETRY_MS)
        continue
      }
      await this.#listen(this.#client)
    }
  }

  async #listen(client: Client): Promise<void> {
    try {
      for (;;) this.#take(JSON.parse(await client.next(60_000)) as Message[])
    } catch {
      this.closes.push(await client.closed)
      this.#waiting.clear()
    }
  }

  #take(messages: Message[]): void {
    if (messages.length === 0) this.missedMore = true
    this.heard.push(...messages)
    for (const { sender, text } of messages) if (sender.id === this.person.id) this.#waiting.delete(text)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    await this.#client?.[Symbol.asyncDispose]()
    await this.#running
  }
}

/** Everyone says something every `everyMs`, until the answer is called; it resolves once nobody will say more. */
export function chatter(wanderers: readonly Wanderer[], everyMs: number): () => Promise<void> {
  const stopping = new AbortController()
  const talking = wanderers.map(async (wanderer, who) => {
    for (let count = 0; !stopping.signal.aborted; count++) {
      wanderer.say(`${who}.${count}`)
      await wait(everyMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  })
  return async () => {
    stopping.abort()
    await Promise.all(talking)
  }
}
