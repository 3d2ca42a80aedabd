import { useSignal } from '@preact/signals'
import type { RelayRequest } from '@switchboard/sdk/relay'
import { Copy } from '../../parts/copy.tsx'
import { Problem } from '../../parts/form.tsx'
import { Words } from '../../parts/text.tsx'
import { shortTime } from '../../state/time.ts'
import { asCurl, sendAgain, textOf } from './request-text.ts'

/** Most characters of a body that are shown; all of it is copied and sent. */
const SHOWN_MAX = 50_000
/** Bytes of a body that is no text. */
const HEX_MAX = 512

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

const hex = (bytes: Uint8Array): string =>
  [...bytes.subarray(0, HEX_MAX)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')

function Body({ of: request }: { of: RelayRequest }) {
  const { bytes } = request
  if (bytes === undefined) return <p class="quiet">No body.</p>
  const text = textOf(request)
  const shown = text === undefined ? hex(bytes) : pretty(text)
  const isCut = shown.length > SHOWN_MAX || (text === undefined && bytes.length > HEX_MAX)
  return (
    <>
      <p class="quiet">
        {bytes.length} bytes{text === undefined && ', no text'}
        {isCut && ', the beginning of it'}
      </p>
      <div class="body">
        <Words of={shown.slice(0, SHOWN_MAX)} />
      </div>
    </>
  )
}

const Values = ({ of: values }: { of: Record<string, string | string[]> }) => (
  <dl class="values">
    {Object.entries(values).map(([name, value]) => (
      <div key={name}>
        <dt>
          <Words of={name} />
        </dt>
        <dd>
          <Words of={[value].flat().join('\n')} />
        </dd>
      </div>
    ))}
  </dl>
)

export function Request({ of: request, address }: { of: RelayRequest; address: string }) {
  const error = useSignal<unknown>(undefined)
  const { method, url, headers, receivedAt } = request
  return (
    <article class="request" aria-label="Request">
      <h2>
        <Words of={`${method} ${url}`} />
      </h2>
      <p class="quiet">{shortTime(receivedAt)}</p>
      <div class="actions">
        <Copy label="Copy as curl" text={() => asCurl(request, address)} />
        <button
          type="button"
          onClick={() => {
            error.value = undefined
            sendAgain(request, address).catch((thrown: unknown) => {
              error.value = thrown
            })
          }}
        >
          Send again
        </button>
      </div>
      {error.value !== undefined && <Problem error={error.value} />}
      <h3>Headers</h3>
      <Values of={headers} />
      <h3>Body</h3>
      <Body of={request} />
    </article>
  )
}
