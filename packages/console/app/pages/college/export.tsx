import { exportRegistrations, type RegistrationQuery, type Server } from '@switchboard/sdk/nemesis'
import { useEffect, useRef } from 'preact/hooks'
import { Form } from '../../parts/form.tsx'
import { download } from './download.ts'

/** For a file of any number of registrations, milliseconds. */
const PATIENCE_MS = 60_000

type State = NonNullable<RegistrationQuery['state']>

/** All of one state as a file, not only those that are shown. */
export function Export({ server, state }: { server: Server; state: State }) {
  const letGo = useRef(() => {})
  useEffect(() => () => letGo.current(), [])
  return (
    <Form
      class="inline"
      submit="Download as CSV"
      onSubmit={async () => {
        const csv = await exportRegistrations({ ...server, timeoutMs: PATIENCE_MS }, { state })
        letGo.current()
        letGo.current = download(csv, `registrations-${state}.csv`)
      }}
    />
  )
}
