import { type QueuedRegistration, register } from '@switchboard/sdk/nemesis'
import { Field, Form } from '../../parts/form.tsx'
import { Name } from '../../parts/text.tsx'
import { asLeader, type Leader } from './session.ts'

interface RegistrationsProps {
  leader: Leader
  teams: readonly string[]
  registrations: readonly QueuedRegistration[]
  onChange(): Promise<void>
}

export const Registrations = ({ leader, teams, registrations, onChange }: RegistrationsProps) => (
  <>
    <h2>Registrations</h2>
    {registrations.length > 0 && (
      <div class="wide">
        <table aria-label="Registrations">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">E-mail</th>
              <th scope="col">Team</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {registrations.map(({ id, first_name, last_name, email, team, state }) => (
              <tr key={id}>
                <td>
                  <Name of={`${first_name} ${last_name}`} />
                </td>
                <td>
                  <Name of={email} />
                </td>
                <td>
                  <Name of={team} />
                </td>
                <td>{state}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    )}
    <Form
      submit="Register"
      resets
      onSubmit={async ({ first_name = '', last_name = '', email = '', team = '' }) => {
        await register(asLeader(leader), { first_name, last_name, email, team })
        await onChange()
      }}
    >
      <Field label="First name" name="first_name" required />
      <Field label="Last name" name="last_name" required />
      <Field label="E-mail" name="email" type="email" required />
      <Field label="Team" name="team" required value={teams[0] ?? ''} />
    </Form>
  </>
)
