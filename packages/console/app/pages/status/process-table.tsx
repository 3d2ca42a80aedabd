import { useSignal } from '@preact/signals'
import { getProcesses, type Process, type Processes } from '@switchboard/sdk/presence'
import { useEffect } from 'preact/hooks'
import { poll } from '../../state/poll.ts'
import { SERVER } from '../../state/session.ts'
import { shortTime } from '../../state/time.ts'
import { inWords } from '../../state/words.ts'

type Result = { services: Processes } | { error: unknown }

/** The service's name, once for all rows of its processes. */
const Service = ({ name, rows }: { name: string; rows: number }) => (
  <th scope="rowgroup" rowSpan={rows}>
    {name}
  </th>
)

const State = ({ missing }: Process) =>
  missing.length === 0 ? (
    <td class="state" data-state="open">
      ready
    </td>
  ) : (
    <td class="state" data-state="closed">
      does not reach {missing.join(', ')}
    </td>
  )

function Rows({ name, processes }: { name: string; processes: readonly Process[] }) {
  return (
    <tbody>
      {processes.length === 0 && (
        <tr>
          <Service name={name} rows={1} />
          <td class="problem" colSpan={3}>
            none runs
          </td>
        </tr>
      )}
      {processes.map((process, index) => (
        <tr key={process.id}>
          {index === 0 && <Service name={name} rows={processes.length} />}
          <td>{shortTime(process.since)}</td>
          <td>{process.connections ?? '–'}</td>
          <State {...process} />
        </tr>
      ))}
    </tbody>
  )
}

function Table({ services }: { services: Processes }) {
  const ids = new Set(Object.values(services).flatMap((processes) => processes.map(({ id }) => id)))
  return (
    <>
      <p class="quiet">{ids.size === 1 ? 'One process runs all of it.' : `${ids.size} processes.`}</p>
      <table class="compact" aria-label="Processes">
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">Since</th>
            <th scope="col">Clients</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        {Object.entries(services).map(([name, processes]) => (
          <Rows key={name} name={name} processes={processes} />
        ))}
      </table>
    </>
  )
}

/** What the processes say of themselves, asked anew every `everyMs` milliseconds. */
export function ProcessTable({ token, everyMs }: { token: string; everyMs: number }) {
  const result = useSignal<Result | undefined>(undefined)
  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    void poll(everyMs, signal, async () => {
      const answer = await getProcesses({ ...SERVER, token, signal }).then(
        (services) => ({ services }),
        (error: unknown) => ({ error }),
      )
      if (!signal.aborted) result.value = answer
    })
    return () => stop.abort()
  }, [token, everyMs, result])
  if (!result.value) return <p class="quiet">…</p>
  if ('error' in result.value)
    return (
      <p class="problem" role="alert">
        {inWords(result.value.error)}
      </p>
    )
  return <Table services={result.value.services} />
}
