import { useSignal } from '@preact/signals'
import {
  ImportError,
  type ImportedRow,
  importRegistrations,
  type Server,
  SwitchboardError,
} from '@switchboard/sdk/nemesis'
import { useId, useRef } from 'preact/hooks'
import { Form } from '../../parts/form.tsx'
import { ImportReport, isNew } from './import-report.tsx'

/** What the service takes. */
const BYTES_MAX = 256 * 1024
/** Each row is looked up in the directory, milliseconds. */
const PATIENCE_MS = 60_000

/** As it is: what is no UTF-8 is the service's to tell. Read once, so that what is queued is what was looked at. */
async function read(file: File | undefined): Promise<Blob> {
  if (!file) throw new SwitchboardError('BAD_BINDING', 'choose a file first', false)
  if (file.size > BYTES_MAX) throw new SwitchboardError('TOO_LARGE', 'it has more than 256 KiB', false)
  const bytes = await file.arrayBuffer().catch(() => {
    throw new SwitchboardError('BAD_BINDING', 'the file cannot be read any more', false)
  })
  return new Blob([bytes])
}

interface Looked {
  file: Blob
  rows: readonly ImportedRow[]
}

interface ImportProps {
  server: Server
  onImported(): Promise<void>
}

/** Puts a file of people into the queue, once somebody saw what becomes of each of its rows. */
export function Import({ server, onImported }: ImportProps) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const looked = useSignal<Looked | undefined>(undefined)
  const queued = useSignal<number | undefined>(undefined)
  const patient = { ...server, timeoutMs: PATIENCE_MS }

  function forget(): void {
    looked.value = undefined
    queued.value = undefined
  }
  async function look(): Promise<void> {
    forget()
    const file = await read(input.current?.files?.[0])
    const { rows } = await importRegistrations(patient, file, { dryRun: true })
    looked.value = { file, rows }
  }
  async function queue(file: Blob): Promise<void> {
    try {
      const report = await importRegistrations(patient, file)
      looked.value = undefined
      queued.value = report.queued
    } catch (error) {
      // The queue or the directory changed since.
      if (error instanceof ImportError) looked.value = { file, rows: error.rows }
      throw error
    }
    await onImported()
  }
  const { value } = looked
  const count = value?.rows.every(({ ok }) => ok) ? value.rows.filter(isNew).length : 0
  return (
    <details>
      <summary>Import from CSV</summary>
      <div class="folded">
        <p class="quiet">
          In UTF-8, with the columns first_name, last_name, email, team and college; 2,000 rows and 256 KiB at
          most. Nothing is queued before you have seen what becomes of each row.
        </p>
        <Form class="inline" submit="Look through it" onSubmit={look}>
          <div class="field">
            <label for={id}>File</label>
            <input id={id} ref={input} type="file" accept=".csv,text/csv" required onChange={forget} />
          </div>
        </Form>
        {value && <ImportReport rows={value.rows} />}
        {value && count > 0 && (
          <Form class="inline" submit={`Put ${count} into the queue`} onSubmit={() => queue(value.file)} />
        )}
        {queued.value !== undefined && <p role="status">{queued.value} were put into the queue.</p>}
      </div>
    </details>
  )
}
