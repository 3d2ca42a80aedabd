import { approve, type QueuedRegistration, reject, type Server } from '@switchboard/sdk/nemesis'
import { Field, Form } from '../../parts/form.tsx'

interface DecideProps {
  row: QueuedRegistration
  server: Server
  onDecided(row: QueuedRegistration): void
}

/** What an administrator does with somebody who waits. */
export const Decide = ({ row: { id, team }, server, onDecided }: DecideProps) => (
  <details>
    <summary>Decide</summary>
    <div class="folded">
      <Form
        class="inline"
        submit="Approve"
        onSubmit={async ({ team: wanted = '' }) =>
          onDecided(await approve(server, id, wanted === team ? {} : { team: wanted }))
        }
      >
        <Field label="Into the team" name="team" required value={team} />
      </Form>
      <Form
        class="inline"
        submit="Reject"
        onSubmit={async ({ reason = '' }) => onDecided(await reject(server, id, reason))}
      >
        <Field label="Reason, for those who see the registration" name="reason" required />
      </Form>
    </div>
  </details>
)
