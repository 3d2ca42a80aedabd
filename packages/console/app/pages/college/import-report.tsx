import type { ImportedRow } from '@switchboard/sdk/nemesis'
import { Name } from '../../parts/text.tsx'

/** Goes into the queue, and is not there yet. */
export const isNew = ({ ok, already }: ImportedRow): boolean => ok && already !== true

const Fate = ({ row: { ok, error = 'cannot be queued', already, team_known } }: { row: ImportedRow }) => {
  if (!ok)
    return (
      <td class="problem">
        <Name of={error} />
      </td>
    )
  if (already) return <td class="quiet">waits already</td>
  return <td>goes into the queue{team_known === false && '; there is no such team yet'}</td>
}

/** What becomes of each row of a file. */
export function ImportReport({ rows }: { rows: readonly ImportedRow[] }) {
  const bad = rows.filter(({ ok }) => !ok).length
  return (
    <>
      <p role="status" class={bad > 0 ? 'problem' : ''}>
        {bad > 0
          ? `${bad} of ${rows.length} rows cannot be queued, so none is: mend the file.`
          : `${rows.filter(isNew).length} of ${rows.length} rows go into the queue.`}
      </p>
      <table aria-label="Rows of the file">
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">What becomes of it</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.line}>
              <td>{row.line}</td>
              <Fate row={row} />
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
