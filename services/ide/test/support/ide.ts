import { type DownEvent, decodeDown, encodeUp, type UP, type UpEvent } from '@switchboard/protocol/ide'
import { type Client, type ConnectOptions, connect } from '@switchboard/testing/socket'
import type { Static } from 'typebox'

/** An IDE's connection. */
export interface Ide extends AsyncDisposable {
  client: Client
  say<E extends UpEvent>(event: E, params: Static<(typeof UP)[E]>): void
  /** The next frame, checked against the wire: its event and its parameters. */
  hear(): Promise<[DownEvent, unknown]>
  /** `list`s the space and answers what came back. */
  list(space: string): Promise<unknown>
  /** Everything that it was sent until now. */
  heard(): Promise<[DownEvent, unknown][]>
}

function decode(frame: string): [DownEvent, unknown] {
  const down = decodeDown(frame)
  if (!down.ok) throw new Error(`not a frame of the wire: ${down.error.message}`)
  return [down.value.event, down.value.params]
}

export async function openIde(
  wsUrl: string,
  { token, t, space }: { token?: string; t?: string; space?: string },
  { path = '/api/v1/socket', ...options }: ConnectOptions & { path?: string } = {},
): Promise<Ide> {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ token, t, space }))
    if (value !== undefined) query.set(name, value)
  const client = await connect(`${wsUrl}${path}?${query}`, options)
  const ide: Ide = {
    client,
    say: (event, params) => client.send(encodeUp(event, params)),
    hear: async () => decode(await client.next()),
    async list(space) {
      ide.say('list', { space })
      const [event, params] = await ide.hear()
      return event === 'list' ? params : [event, params]
    },
    async heard() {
      // The answer to a malformed frame comes after everything that was sent before.
      client.send('mark')
      const frames = await client.until((frame) => frame.includes('no :'))
      return frames.slice(0, -1).map(decode)
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  }
  return ide
}
