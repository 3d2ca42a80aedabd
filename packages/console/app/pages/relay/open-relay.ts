import { type Signal, signal } from '@preact/signals'
import { openRelay, type Relay, type RelayRequest, type StateChange } from '@switchboard/sdk/relay'
import { SERVER } from '../../state/session.ts'
import { stateOf } from '../../state/state-of.ts'

export interface OpenRelay {
  /** What to tell others. */
  readonly url: string
  readonly token: string
  readonly state: Signal<StateChange>
  /** Newest first. */
  readonly requests: Signal<readonly RelayRequest[]>
  forget(): void
}

const KEY = 'relay'
/** Most requests that are shown; their bodies are kept in memory. */
const REQUESTS_MAX = 500

/** One address a tab, which it keeps over a reload. */
export const relay = signal<OpenRelay | undefined>(undefined)

/** There was one, before a reload. */
export const hasToken = (): boolean => sessionStorage.getItem(KEY) !== null

function listen(opened: Relay): OpenRelay {
  const state = stateOf(opened)
  const requests = signal<readonly RelayRequest[]>([])
  opened.on('request', (request) => {
    request.answer()
    requests.value = [request, ...requests.peek()].slice(0, REQUESTS_MAX)
  })
  sessionStorage.setItem(KEY, opened.token)
  return {
    url: opened.url,
    token: opened.token,
    state,
    requests,
    forget() {
      sessionStorage.removeItem(KEY)
      relay.value = undefined
      opened.close()
    },
  }
}

/** Makes an address, or takes up the one from before. */
export async function open(): Promise<void> {
  const token = sessionStorage.getItem(KEY)
  sessionStorage.removeItem(KEY)
  relay.value = listen(await openRelay({ ...SERVER, ...(token !== null && { token }) }))
}
