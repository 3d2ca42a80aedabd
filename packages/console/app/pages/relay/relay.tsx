import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Copy } from '../../parts/copy.tsx'
import { Form } from '../../parts/form.tsx'
import { StateLine } from '../../parts/state-line.tsx'
import { Words } from '../../parts/text.tsx'
import { shortTime } from '../../state/time.ts'
import { hasToken, type OpenRelay, open, relay } from './open-relay.ts'
import { Request } from './request.tsx'

function Start() {
  useEffect(() => {
    // A token that ended meanwhile is no reason to complain: the button makes a new one.
    if (hasToken()) open().catch(() => {})
  }, [])
  return (
    <section class="page narrow">
      <h1>Relay</h1>
      <p>
        A public address for webhooks. What is sent to it is shown here as it comes, and while this page is
        away it waits. The address ends a day after this page was last open.
      </p>
      <Form submit="Make an address" onSubmit={open} />
    </section>
  )
}

function Open({ of: { url, state, requests, forget } }: { of: OpenRelay }) {
  const chosen = useSignal<string | undefined>(undefined)
  const request = requests.value.find(({ id }) => id === chosen.value) ?? requests.value[0]
  return (
    <section class="stream" aria-label="Relay">
      <div class="title">
        <h1>Relay</h1>
        <StateLine of={state.value} />
        <code class="address">{url}</code>
        <Copy label="Copy" text={() => url} />
        <button type="button" onClick={forget}>
          Forget it
        </button>
      </div>
      <div class="requests">
        <ol aria-label="Requests" aria-live="polite">
          {requests.value.map(({ id, method, url: path, receivedAt }) => (
            <li key={id}>
              <button
                type="button"
                aria-pressed={id === request?.id}
                onClick={() => {
                  chosen.value = id
                }}
              >
                <Words of={`${method} ${path}`} />
                <time dateTime={new Date(receivedAt).toISOString()}>{shortTime(receivedAt)}</time>
              </button>
            </li>
          ))}
        </ol>
        {request ? (
          <Request key={request.id} of={request} address={url} />
        ) : (
          <p class="page quiet">Nothing came yet. Send something to the address above.</p>
        )}
      </div>
    </section>
  )
}

export const RelayPage = () => (relay.value ? <Open key={relay.value.token} of={relay.value} /> : <Start />)
