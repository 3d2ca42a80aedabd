import type { ComponentChildren } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { Composer } from '../../parts/composer.tsx'
import { LongList } from '../../parts/long-list.tsx'
import { People } from '../../parts/people.tsx'
import { Said } from '../../parts/said.tsx'
import { StateLine } from '../../parts/state-line.tsx'
import { Name } from '../../parts/text.tsx'
import { linkTo } from '../../state/route.ts'
import { session } from '../../state/session.ts'
import { EarlierMessages } from './earlier.tsx'
import { Links } from './links.tsx'
import { type Entry, openRoom } from './open-room.ts'

const keyOf = (entry: Entry): string => ('gap' in entry ? entry.gap : entry.id)

function shown(entry: Entry): ComponentChildren {
  if ('gap' in entry) return <p class="quiet">Some messages are missing here.</p>
  const { sender, text, createTime } = entry
  const isMine = sender.id !== 0 && sender.id === session.peek()?.user.id
  return <Said by={sender.username} at={createTime * 1000} text={text} isMine={isMine} />
}

export function Room({ name }: { name: string }) {
  const room = useMemo(() => openRoom(name), [name])
  useEffect(() => room.close, [room])
  const { entries, version, earlier, state, members, send } = room
  return (
    <section class="stream" aria-label="Room">
      <div class="title">
        <h1>
          <Name of={name} />
        </h1>
        <StateLine of={state.value} />
        <People label="Who is there" names={members.value.map(({ username }) => username)} />
        {send && <Links room={name} />}
      </div>
      <LongList
        label="Messages"
        items={entries}
        version={version.value}
        keyOf={keyOf}
        top={<EarlierMessages room={room} />}
        onNearTop={earlier.value === 'more' ? room.loadEarlier : undefined}
      >
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
