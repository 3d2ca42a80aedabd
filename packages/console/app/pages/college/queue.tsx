import { useSignal } from '@preact/signals'
import {
  getRegistrations,
  type QueuedRegistration,
  type RegistrationQuery,
  type Server,
} from '@switchboard/sdk/nemesis'
import { useEffect, useRef } from 'preact/hooks'
import { Problem } from '../../parts/form.tsx'
import { Export } from './export.tsx'
import { Import } from './import.tsx'
import { Register } from './register.tsx'
import { Registration } from './registration.tsx'

const STATES = ['waiting', 'approved', 'rejected', 'all'] as const
type State = (typeof STATES)[number]

/** How many registrations are asked for at once. */
const PAGE = 50

interface QueueProps {
  server: Server
  /** Of the own college. */
  teams: readonly string[]
  isAdministrator: boolean
}

/** Who waits to be let in, and what became of those who waited. */
export function Queue({ server, teams, isAdministrator }: QueueProps) {
  const state = useSignal<State>('waiting')
  const rows = useSignal<readonly QueuedRegistration[]>([])
  const hasMore = useSignal(false)
  const problem = useSignal<unknown>(undefined)
  const turn = useRef(0)

  async function load(before: readonly QueuedRegistration[]): Promise<void> {
    const last = before.at(-1)
    const query: RegistrationQuery = { state: state.peek(), count: PAGE, ...(last && { after: last.id }) }
    // Somebody who is quicker than the server asks for something else meanwhile.
    const mine = ++turn.current
    problem.value = undefined
    try {
      const more = await getRegistrations(server, query)
      if (mine !== turn.current) return
      rows.value = [...before, ...more]
      hasMore.value = more.length === PAGE
    } catch (error) {
      if (mine === turn.current) problem.value = error
    }
  }
  const again = () => load([])
  useEffect(() => void again(), [server.token])

  function look(wanted: State): void {
    state.value = wanted
    rows.value = []
    hasMore.value = false
    void again()
  }
  const replace = (changed: QueuedRegistration) => {
    rows.value = rows.value.map((row) => (row.id === changed.id ? changed : row))
  }
  return (
    <>
      <h2>Registrations</h2>
      <div class="tabs">
        {STATES.map((one) => (
          <button key={one} type="button" aria-pressed={state.value === one} onClick={() => look(one)}>
            {one}
          </button>
        ))}
      </div>
      {problem.value !== undefined && <Problem error={problem.value} />}
      <ul class="watched" aria-label="Registrations">
        {rows.value.map((row) => (
          <Registration
            key={row.id}
            row={row}
            {...(isAdministrator && { decider: { server, onDecided: replace } })}
          />
        ))}
      </ul>
      {hasMore.value && (
        <button type="button" onClick={() => void load(rows.value)}>
          More
        </button>
      )}
      {isAdministrator && (
        <>
          <Export server={server} state={state.value} />
          <Import server={server} onImported={again} />
        </>
      )}
      <Register server={server} teams={teams} onRegistered={again} />
    </>
  )
}
