import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { poll } from '../../state/poll.ts'
import { linkTo } from '../../state/route.ts'
import { type Session, session } from '../../state/session.ts'
import { inWords } from '../../state/words.ts'
import { type Answered, type Probe, probes, timed } from './probes.ts'
import { ProcessTable } from './process-table.tsx'

/** Milliseconds between questions. */
const EVERY_MS = 5_000

type Result = Answered | { error: unknown }

async function look(probe: Probe, signal: AbortSignal, results: Signal<ReadonlyMap<string, Result>>) {
  const result = await timed(probe, signal).catch((error: unknown) => ({ error }))
  if (!signal.aborted) results.value = new Map(results.peek()).set(probe.title, result)
}

const Told = ({ result }: { result: Result | undefined }) => {
  if (!result) return <td class="quiet">…</td>
  if ('error' in result) return <td class="problem">{inWords(result.error)}</td>
  return (
    <td>
      answers in {Math.round(result.ms)} ms{result.said && <>, revision {result.said}</>}
    </td>
  )
}

function Results({ session: whose }: { session: Session | undefined }) {
  const results = useSignal<ReadonlyMap<string, Result>>(new Map())
  const asked = probes(whose)
  useEffect(() => {
    const stop = new AbortController()
    void poll(EVERY_MS, stop.signal, async () => {
      await Promise.all(probes(whose).map((probe) => look(probe, stop.signal, results)))
    })
    return () => stop.abort()
  }, [whose, results])
  return (
    <table aria-label="Services">
      <tbody>
        {asked.map(({ title }) => (
          <tr key={title}>
            <th scope="row">{title}</th>
            <Told result={results.value.get(title)} />
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const Guests = () => (
  <p>
    <a href={linkTo('account')}>Log in</a> to see the processes, and to ask the other services.
  </p>
)

export function Status() {
  const whose = session.value
  return (
    <section class="page narrow">
      <h1>Status</h1>
      {whose && (
        <>
          <h2>Processes</h2>
          <ProcessTable token={whose.token} everyMs={EVERY_MS} />
          <h2>As this page sees it</h2>
        </>
      )}
      <Results session={whose} />
      {!whose && <Guests />}
      <p class="quiet">
        Asked every five seconds while you look. How relay and channels answer, their own pages tell.
      </p>
    </section>
  )
}
