import type { QueuedRegistration, Server } from '@switchboard/sdk/nemesis'
import { useRef } from 'preact/hooks'
import { Name } from '../../parts/text.tsx'
import { shortTime } from '../../state/time.ts'
import { Decide } from './decide.tsx'

interface RegistrationProps {
  row: QueuedRegistration
  /** Absent where who looks decides nothing. */
  decider?: { server: Server; onDecided(row: QueuedRegistration): void }
}

const Decided = ({ row: { state, userid, decided_by, decided_at, reason } }: { row: QueuedRegistration }) => (
  <p>
    {state}
    {userid !== undefined && (
      <>
        {' '}
        as <Name of={userid} />
      </>
    )}
    {decided_by !== undefined && (
      <span class="quiet">
        {' '}
        by <Name of={decided_by} />
        {decided_at !== undefined && `, ${shortTime(decided_at)}`}
      </span>
    )}
    {reason !== undefined && (
      <>
        {' '}
        because: <Name of={reason} />
      </>
    )}
  </p>
)

/** One who asked to be let in, or was asked for. */
export function Registration({ row, decider }: RegistrationProps) {
  const box = useRef<HTMLLIElement>(null)
  const name = `${row.first_name} ${row.last_name}`
  const isWaiting = row.state === 'waiting'
  return (
    <li ref={box} tabIndex={-1}>
      <p>
        <Name of={name} />
      </p>
      <p class="quiet">
        <Name of={row.email} />
      </p>
      <p class="quiet">
        for <Name of={row.team} />
        {isWaiting && !row.team_known && ' (there was no such team)'} in <Name of={row.college} />, asked for
        by <Name of={row.leader} />, {shortTime(row.created)}
      </p>
      <Decided row={row} />
      {decider && isWaiting && (
        <Decide
          row={row}
          server={decider.server}
          onDecided={(changed) => {
            // What had the focus goes away.
            box.current?.focus()
            decider.onDecided(changed)
          }}
        />
      )}
    </li>
  )
}
