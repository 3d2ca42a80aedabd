import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Field, Form, Problem } from '../../parts/form.tsx'
import { People } from '../../parts/people.tsx'
import { Name } from '../../parts/text.tsx'
import { type CollegeFacts, loadCollege, type Row } from './load.ts'
import { Queue } from './queue.tsx'
import { asLeader, type Leader, leader, logInLeader, logOutLeader } from './session.ts'

const LogIn = () => (
  <section class="page narrow">
    <h1>College</h1>
    <p>For team leaders. This log-in is the registry’s own; it ends with a reload.</p>
    <Form submit="Log in" onSubmit={({ username = '', password = '' }) => logInLeader(username, password)}>
      <Field label="Name" name="username" autocomplete="username" required />
      <Field label="Password" name="password" type="password" autocomplete="current-password" required />
    </Form>
  </section>
)

const Table = ({ of: people }: { of: readonly Row[] }) => (
  <div class="wide">
    <table aria-label="People">
      <thead>
        <tr>
          <th scope="col">Userid</th>
          <th scope="col">Name</th>
          <th scope="col">E-mail</th>
        </tr>
      </thead>
      <tbody>
        {people.map(({ userid, full_name, email }) => (
          <tr key={userid}>
            <td>
              <Name of={userid} />
            </td>
            <td>
              <Name of={full_name} />
            </td>
            <td>{email === '' ? <span class="quiet">none</span> : <Name of={email} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

function Shown({ leader }: { leader: Leader }) {
  const facts = useSignal<CollegeFacts | undefined>(undefined)
  const problem = useSignal<unknown>(undefined)
  const load = async () => {
    problem.value = undefined
    try {
      facts.value = await loadCollege(asLeader(leader))
    } catch (error) {
      problem.value = error
    }
  }
  useEffect(() => void load(), [leader])
  const { value } = facts
  return (
    <section class="page narrow">
      <h1>{value ? <Name of={value.college.college_name} /> : 'College'}</h1>
      <p>
        <Name of={leader.userid} />{' '}
        <button type="button" onClick={() => void logOutLeader()}>
          Log out
        </button>
      </p>
      {problem.value !== undefined && <Problem error={problem.value} />}
      {value && (
        <>
          <People label="Teams" names={value.college.teams} />
          <Table of={value.people} />
          <Queue
            server={asLeader(leader)}
            teams={value.college.teams}
            isAdministrator={value.isAdministrator}
          />
        </>
      )}
    </section>
  )
}

export const College = () => (leader.value ? <Shown leader={leader.value} /> : <LogIn />)
