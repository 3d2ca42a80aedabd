import { type Signal, signal } from '@preact/signals'
import type { State, StateChange } from '@switchboard/sdk/chat'
import { loseSession } from './session.ts'

/** What each of the SDK's clients is. */
interface Connection {
  readonly state: State
  on(event: 'state', listener: (change: StateChange) => void): () => void
}

const LOGGED_OUT: ReadonlySet<string> = new Set(['UNAUTHORIZED', 'TOKEN_REVOKED'])

/** How a connection is, as it changes. Where the server says that the token is good no longer, nobody is logged in. */
export function stateOf(connection: Connection): Signal<StateChange> {
  const state = signal<StateChange>({ state: connection.state })
  connection.on('state', (change) => {
    state.value = change
    if (change.state === 'closed' && change.error && LOGGED_OUT.has(change.error.code)) loseSession()
  })
  return state
}
