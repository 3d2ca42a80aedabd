import type { ComponentChildren } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { Composer } from '../../parts/composer.tsx'
import { LongList } from '../../parts/long-list.tsx'
import { StateLine } from '../../parts/state-line.tsx'
import { Name } from '../../parts/text.tsx'
import { linkTo } from '../../state/route.ts'
import { Message } from './message.tsx'
import { type Entry, openRoom } from './open-room.ts'

const keyOf = (entry: Entry): string => ('gap' in entry ? entry.gap : entry.id)

const Gap = () => <p class="quiet">Some messages are missing here.</p>

const shown = (entry: Entry): ComponentChildren => ('gap' in entry ? <Gap /> : <Message of={entry} />)

export function Room({ name }: { name: string }) {
  const room = useMemo(() => openRoom(name), [name])
  useEffect(() => room.close, [room])
  const { entries, version, state, members, send } = room
  return (
    <section class="stream" aria-label="Room">
      <div class="title">
        <h1>
          <Name of={name} />
        </h1>
        <StateLine of={state.value} />
        <ul class="people" aria-label="Who is there">
          {members.value.map(({ id, username }) => (
            <li key={id}>
              <Name of={username} />
            </li>
          ))}
        </ul>
      </div>
      <LongList label="Messages" items={entries} version={version.value} keyOf={keyOf}>
        {shown}
      </LongList>
      {send ? (
        <Composer label="Say something" send={send} />
      ) : (
        <p class="composer">
          Guests only listen. <a href={linkTo('account')}>Log in</a> to speak.
        </p>
      )}
    </section>
  )
}
