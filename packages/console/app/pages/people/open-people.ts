import { type Signal, signal } from '@preact/signals'
import { type StateChange, type Whereabouts, watchPresence } from '@switchboard/sdk/presence'
import { SERVER, type Session } from '../../state/session.ts'
import { stateOf } from '../../state/state-of.ts'

export interface OpenPeople {
  readonly state: Signal<StateChange>
  readonly users: Signal<ReadonlyMap<string, readonly Whereabouts[]>>
  watch(names: readonly string[]): void
  close(): void
}

export function openPeople({ token }: Session, names: readonly string[]): OpenPeople {
  const presence = watchPresence({ ...SERVER, token }, names)
  const state = stateOf(presence)
  const users = signal<ReadonlyMap<string, readonly Whereabouts[]>>(new Map())
  presence.on('change', () => {
    users.value = new Map(presence.users)
  })
  return { state, users, watch: presence.watch, close: presence.close }
}
