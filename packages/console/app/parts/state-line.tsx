import type { StateChange } from '@switchboard/sdk/chat'
import { inWords } from '../state/words.ts'

const SAID = {
  connecting: 'connecting …',
  open: 'connected',
  waiting: 'trying again',
  closed: 'closed',
} as const

/** How a connection is, and where there is none, why. */
export const StateLine = ({ of: { state, error } }: { of: StateChange }) => (
  <p class="state" data-state={state} role="status">
    {SAID[state]}
    {error && <span>: {inWords(error)}</span>}
  </p>
)
