import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type KeptEntry, keepEntry } from '@switchboard/hub/kept-entry'
import type { Presence } from '@switchboard/hub/presence'
import { checker } from '@switchboard/protocol/decode'
import { Type } from 'typebox'
import { isPassedOn, passOn, passOnUpgrade } from './pass-on.ts'

const checkInfo = checker(Type.Object({ url: Type.String() }))

const placeOf = (process: string): string => `relay:process:${process}`

/** As long as Engine.IO's own. */
const RANDOM_BYTES = 15

/** `<process>.<random>`, see {@link createSessions}. */
const SESSION = /^([0-9a-z]{1,32})\./

export interface SessionParts {
  /** This process, as presence knows it. */
  process: string
  presence: Presence
  now(): number
  onError(error: unknown): void
}

/**
 * Engine.IO sessions live in the process that made them, but a client that polls makes a connection for each request,
 * and what balances the load sends them anywhere: the token is in no URL of a poll, the session is in none of the first,
 * and a client's address is neither constant nor its own. So a session's id names its process, each process' URL is in
 * presence, and whoever gets a request for another one's session passes it on. It works behind anything, with any
 * number of processes; it costs polls, and connections that began as polls, one more hop.
 */
export function createSessions({ process, presence, now, onError }: SessionParts) {
  const urls = new Map<string, string>()
  let entry: KeptEntry | undefined

  async function urlOf(owner: string): Promise<string | undefined> {
    const known = urls.get(owner)
    if (known !== undefined) return known
    const [found] = await presence.list(placeOf(owner))
    const info = checkInfo(found?.info)
    if (!info.ok) return undefined
    urls.set(owner, info.value.url)
    return info.value.url
  }

  return {
    newId: () => `${process}.${randomBytes(RANDOM_BYTES).toString('base64url')}`,

    /** From now on other processes find this one at the URL. */
    announce(url: string): void {
      const since = now()
      entry = keepEntry(presence, placeOf(process), () => ({
        connection: `${process}.0`,
        person: process,
        since,
        info: { url },
      }))
      entry.changed()
    },

    /**
     * Has the session's process answer. `mine` is called instead where that is this one, or nobody knows the session.
     *
     * @param head What came behind an upgrade's request; absent where it is none.
     */
    async serve({ request, response, session, head }: Arrival, mine: () => void): Promise<void> {
      const [, owner] = SESSION.exec(session) ?? []
      if (owner === undefined || owner === process || isPassedOn(request)) return mine()
      const url = await urlOf(owner).catch(onError)
      if (!url) return mine()
      const gone = () => {
        urls.delete(owner)
        mine()
      }
      if (head) passOnUpgrade(url, { request, socket: request.socket, head }, gone)
      else passOn(url, { request, response }, gone)
    },

    async leave(): Promise<void> {
      await entry?.leave().catch(onError)
    },
  }
}

export type Sessions = ReturnType<typeof createSessions>

interface Arrival {
  request: IncomingMessage
  response: ServerResponse
  session: string
  head: Buffer | undefined
}
