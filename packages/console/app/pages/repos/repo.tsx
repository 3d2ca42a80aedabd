import { useSignal } from '@preact/signals'
import { addMember, deleteRepo, type Repo, removeMember, type Server } from '@switchboard/sdk/ide'
import { Field, Form, Problem } from '../../parts/form.tsx'
import { Name } from '../../parts/text.tsx'
import { linkTo } from '../../state/route.ts'

interface RepoProps {
  repo: Repo
  /** The username of who looks. */
  me: string
  server: Server
  onChange(): Promise<void>
}

interface PeopleProps extends RepoProps {
  isOwner: boolean
}

/** The owner first. Its owner takes anybody out, a member oneself. */
function People({ repo, me, server, isOwner, onChange }: PeopleProps) {
  const problem = useSignal<unknown>(undefined)
  const remove = (username: string) => {
    problem.value = undefined
    removeMember(server, repo.id, username)
      .then(() => onChange())
      .catch((error: unknown) => {
        problem.value = error
      })
  }
  return (
    <>
      <ul class="people" aria-label="People">
        <li>
          <Name of={repo.owner.username} /> <span class="quiet">owner</span>
        </li>
        {repo.members.map(({ username }) => (
          <li key={username}>
            <Name of={username} />
            {(isOwner || username === me) && (
              <button
                type="button"
                class="bare"
                aria-label={isOwner ? `take ${username} out` : 'leave'}
                onClick={() => remove(username)}
              >
                ×
              </button>
            )}
          </li>
        ))}
      </ul>
      {problem.value !== undefined && <Problem error={problem.value} />}
    </>
  )
}

export function RepoCard(props: RepoProps) {
  const { repo, me, server, onChange } = props
  const isOwner = repo.owner.username === me
  return (
    <li>
      <p>
        <Name of={repo.name} />
      </p>
      {repo.url !== null && (
        <p class="quiet">
          <Name of={repo.url} />
        </p>
      )}
      <People {...props} isOwner={isOwner} />
      <p>
        <a href={linkTo('spaces', repo.id)}>Meet in its space</a>
      </p>
      {isOwner && (
        <>
          <Form
            class="inline"
            submit="Add"
            resets
            onSubmit={async ({ username = '' }) => {
              await addMember(server, repo.id, username.trim())
              await onChange()
            }}
          >
            <Field label="Add somebody" name="username" required />
          </Form>
          <details>
            <summary>Delete</summary>
            <div class="folded">
              <p class="quiet">Its space is closed for ever then.</p>
              <Form
                class="inline"
                submit="Delete it"
                onSubmit={async () => {
                  await deleteRepo(server, repo.id)
                  await onChange()
                }}
              />
            </div>
          </details>
        </>
      )}
    </li>
  )
}
