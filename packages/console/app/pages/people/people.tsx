import type { Whereabouts } from '@switchboard/sdk/presence'
import { useEffect, useMemo } from 'preact/hooks'
import { Field, Form } from '../../parts/form.tsx'
import { LogInFirst } from '../../parts/log-in-first.tsx'
import { StateLine } from '../../parts/state-line.tsx'
import { Name } from '../../parts/text.tsx'
import { keep } from '../../state/kept.ts'
import { linkTo } from '../../state/route.ts'
import { type Session, session } from '../../state/session.ts'
import { shortTime } from '../../state/time.ts'
import { openPeople } from './open-people.ts'

const names = keep('people')

/** Where a place of a service is looked at in this page. */
const PAGE_OF: Readonly<Record<string, string>> = { chat: 'rooms', channels: 'channels', ide: 'spaces' }

function Place({ of: { service, place, since } }: { of: Whereabouts }) {
  const page = PAGE_OF[service]
  return (
    <li>
      {service}
      {place !== undefined && page !== undefined && (
        <>
          {' '}
          <a href={linkTo(page, place)}>
            <Name of={place} />
          </a>
        </>
      )}{' '}
      <span class="quiet">since {shortTime(since)}</span>
    </li>
  )
}

function Watched({ session: whose }: { session: Session }) {
  const people = useMemo(() => openPeople(whose, names.names.peek()), [whose])
  useEffect(() => people.close, [people])
  const watched = names.names.value
  useEffect(() => people.watch(watched), [people, watched])
  return (
    <section class="page narrow">
      <h1>People</h1>
      <StateLine of={people.state.value} />
      <Form class="inline" submit="Watch" resets onSubmit={({ name = '' }) => names.add(name.trim())}>
        <Field label="Name" name="name" required />
      </Form>
      <ul class="watched" aria-label="Watched">
        {watched.map((name) => {
          const places = people.users.value.get(name)
          return (
            <li key={name}>
              <p>
                <Name of={name} />
                <button
                  type="button"
                  class="bare"
                  aria-label={`forget ${name}`}
                  onClick={() => names.remove(name)}
                >
                  ×
                </button>
              </p>
              {places?.length === 0 && <p class="quiet">is nowhere</p>}
              <ul>
                {places?.map((place) => (
                  <Place key={`${place.service} ${place.place}`} of={place} />
                ))}
              </ul>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

export const People = () =>
  session.value ? <Watched session={session.value} /> : <LogInFirst title="People" />
