import { useEffect } from 'preact/hooks'
import { Field, Form } from '../../parts/form.tsx'
import { OpenByName } from '../../parts/open-by-name.tsx'
import { People } from '../../parts/people.tsx'
import { StateLine } from '../../parts/state-line.tsx'
import { Name } from '../../parts/text.tsx'
import { keep } from '../../state/kept.ts'
import { session } from '../../state/session.ts'
import { Channel } from './channel.tsx'
import { type Connected, connectAs, connected, disconnect } from './connection.ts'

const channels = keep('channels')

const Nickname = () => (
  <section class="page narrow">
    <h1>Channels</h1>
    <p>What is said in a channel is kept nowhere: who is there hears it.</p>
    <Form submit="Connect" onSubmit={({ nick = '' }) => connectAs(nick.trim())}>
      <Field
        label="Nickname"
        name="nick"
        required
        value={session.value?.user.username ?? ''}
        hint="1 to 32 letters, digits and _ - [ ] { } \ ` | ^ . and no spaces"
      />
    </Form>
  </section>
)

const Everyone = ({ of: { nick, state, everyone } }: { of: Connected }) => (
  <section class="page">
    <h1>Channels</h1>
    <StateLine of={state.value} />
    <p>
      You are <Name of={nick} />.{' '}
      <button type="button" onClick={disconnect}>
        Disconnect
      </button>
    </p>
    <h2>Who is connected</h2>
    <People label="Who is connected" names={everyone.value} />
  </section>
)

export function Channels({ name: written }: { name: string | undefined }) {
  const name = written?.replace(/^#+/, '')
  useEffect(() => {
    if (name !== undefined) channels.add(name)
  }, [name])
  const { value } = connected
  if (!value) return <Nickname />
  return (
    <div class="two" data-open={name !== undefined}>
      <OpenByName page="channels" label="Channel" submit="Enter" kept={channels} current={name} />
      {name === undefined ? <Everyone of={value} /> : <Channel key={name} name={name} connected={value} />}
    </div>
  )
}
