import type { ComponentChildren } from 'preact'
import { useMemo } from 'preact/hooks'
import { Composer } from '../../parts/composer.tsx'
import { Problem } from '../../parts/form.tsx'
import { LongList } from '../../parts/long-list.tsx'
import { People } from '../../parts/people.tsx'
import { Said } from '../../parts/said.tsx'
import { StateLine } from '../../parts/state-line.tsx'
import { Name } from '../../parts/text.tsx'
import { goTo } from '../../state/route.ts'
import type { Connected, Heard, OpenChannel } from './connection.ts'

const keyOf = ({ id }: Heard): string => id

export function Channel({ name, connected }: { name: string; connected: Connected }) {
  const opened = useMemo((): { channel: OpenChannel } | { error: unknown } => {
    try {
      return { channel: connected.open(name) }
    } catch (error) {
      return { error }
    }
  }, [connected, name])
  if ('error' in opened)
    return (
      <div class="page">
        <Problem error={opened.error} />
      </div>
    )
  const { heard, version, users, problem, send, leave } = opened.channel
  const shown = ({ kind, user, text, at }: Heard): ComponentChildren =>
    kind === 'said' ? (
      <Said by={user} at={at} text={text} isMine={user === connected.nick} />
    ) : (
      <p class="quiet">
        <Name of={user} /> {kind}
      </p>
    )
  return (
    <section class="stream" aria-label="Channel">
      <div class="title">
        <h1>
          #<Name of={name} />
        </h1>
        <StateLine of={connected.state.value} />
        <People label="Who is there" names={users.value} />
        <button
          type="button"
          onClick={() => {
            leave()
            goTo('channels')
          }}
        >
          Leave
        </button>
        {problem.value !== undefined && <Problem error={problem.value} />}
      </div>
      <LongList label="Messages" items={heard} version={version.value} keyOf={keyOf}>
        {shown}
      </LongList>
      <Composer label="Say something" send={send} />
    </section>
  )
}
