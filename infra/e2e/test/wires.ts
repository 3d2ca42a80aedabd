import type { Message } from '@switchboard/sdk/chat'
import type { Client } from '@switchboard/testing/socket'

/** The next messages of a room, however many frames they came in. */
export async function nextMessages(client: Client, count: number): Promise<Message[]> {
  const messages: Message[] = []
  while (messages.length < count) messages.push(...(await client.nextJson<Message[]>()))
  return messages
}

/** Events of an ide socket come as `event:|:JSON`. */
export async function nextEvent(client: Client): Promise<[event: string, data: unknown]> {
  const [event = '', ...rest] = (await client.next()).split(':|:')
  return [event, JSON.parse(rest.join(':|:'))]
}
