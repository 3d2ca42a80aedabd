import { useEffect } from 'preact/hooks'
import { LogInFirst } from '../../parts/log-in-first.tsx'
import { OpenByName } from '../../parts/open-by-name.tsx'
import { keep } from '../../state/kept.ts'
import { session } from '../../state/session.ts'
import { Space } from './space.tsx'

const spaces = keep('spaces')

export function Spaces({ name }: { name: string | undefined }) {
  useEffect(() => {
    if (name !== undefined) spaces.add(name)
  }, [name])
  const { value } = session
  if (!value) return <LogInFirst title="Spaces" />
  return (
    <div class="two" data-open={name !== undefined}>
      <OpenByName page="spaces" label="Space" submit="Enter" kept={spaces} current={name} />
      {name === undefined ? (
        <section class="page">
          <h1>Spaces</h1>
          <p class="quiet">
            In a space people meet: their browsers find direct lines to one another, and share a text. Nothing
            of it is kept.
          </p>
        </section>
      ) : (
        <Space key={name} name={name} session={value} />
      )}
    </div>
  )
}
