import type { Presence } from '@switchboard/hub/presence'
import { type AccountInfo, accountPlace } from '@switchboard/protocol/between'
import type { Users } from '@switchboard/protocol/presence'
import { type Client, connect } from '@switchboard/testing/socket'
import { type Answer, get } from './http.ts'

/** Reports a connection as another service would. */
export const report = (
  presence: Presence,
  connection: string,
  person: string,
  info: AccountInfo,
): Promise<unknown> =>
  presence.enter(accountPlace(person), { connection, person, since: info.places[0]?.since ?? 1, info })

export const askPresence = (url: string, names: readonly string[], token?: string): Promise<Answer<Users>> =>
  get<Users>(
    `${url}/api/v1/presence?${names.map((name) => `user=${encodeURIComponent(name)}`).join('&')}`,
    token,
  )

/** Watches from now on; the first frame says how things stand. */
export async function watchPresence(wsUrl: string, token: string, names: readonly string[]): Promise<Client> {
  const client = await connect(`${wsUrl}/api/v1/presence/ws`, { protocols: [token] })
  client.send({ watch: names })
  return client
}

/** The next frames, until one leaves the person where the test wants it. */
export async function heardOf(
  client: Client,
  name: string,
  wanted: (places: readonly (string | undefined)[]) => boolean,
  timeoutMs = 10_000,
): Promise<Users['users'][string]> {
  for (;;) {
    const { users } = JSON.parse(await client.next(timeoutMs)) as Users
    const found = users[name]
    if (found && wanted(found.map(({ place }) => place))) return found
  }
}
