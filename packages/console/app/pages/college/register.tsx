import { register, type Server } from '@switchboard/sdk/nemesis'
import { Field, Form } from '../../parts/form.tsx'

interface RegisterProps {
  server: Server
  teams: readonly string[]
  onRegistered(): Promise<void>
}

export const Register = ({ server, teams, onRegistered }: RegisterProps) => (
  <>
    <h2>Somebody new</h2>
    <Form
      submit="Register"
      resets
      onSubmit={async ({ first_name = '', last_name = '', email = '', team = '' }) => {
        await register(server, { first_name, last_name, email, team })
        await onRegistered()
      }}
    >
      <Field label="First name" name="first_name" required />
      <Field label="Last name" name="last_name" required />
      <Field label="E-mail" name="email" type="email" required />
      <Field label="Team" name="team" required value={teams[0] ?? ''} />
    </Form>
  </>
)
