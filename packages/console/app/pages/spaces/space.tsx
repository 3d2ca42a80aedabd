import { useEffect, useMemo } from 'preact/hooks'
import { Problem } from '../../parts/form.tsx'
import { StateLine } from '../../parts/state-line.tsx'
import { Name } from '../../parts/text.tsx'
import type { Session } from '../../state/session.ts'
import { openSpace } from './open-space.ts'
import { SharedText } from './shared-text.tsx'

export function Space({ name, session }: { name: string; session: Session }) {
  const space = useMemo(() => openSpace(name, session), [name, session])
  useEffect(() => space.close, [space])
  const { state, others, lines, problem, text } = space
  const people = [...new Set([session.user.username, ...others.value])]
  return (
    <section class="stream" aria-label="Space">
      <div class="title">
        <h1>
          <Name of={name} />
        </h1>
        <StateLine of={state.value} />
        <ul class="people" aria-label="Who is there">
          {people.map((one) => (
            <li key={one} data-direct={lines.value.has(one)}>
              <Name of={one} />
              {lines.value.has(one) && <span class="quiet"> directly connected</span>}
            </li>
          ))}
        </ul>
        {problem.value && <Problem error={problem.value} />}
      </div>
      <SharedText text={text} />
    </section>
  )
}
