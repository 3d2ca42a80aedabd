import { useSignal } from '@preact/signals'
import { createRepo, getRepos, type Repo } from '@switchboard/sdk/ide'
import { useEffect } from 'preact/hooks'
import { Field, Form, Problem } from '../../parts/form.tsx'
import { LogInFirst } from '../../parts/log-in-first.tsx'
import { poll } from '../../state/poll.ts'
import { SERVER, type Session, session } from '../../state/session.ts'
import { RepoCard } from './repo.tsx'

/** Milliseconds between looks: who is added to a repo is not told of it. */
const EVERY_MS = 10_000

function Mine({ session: { token, user } }: { session: Session }) {
  const repos = useSignal<readonly Repo[] | undefined>(undefined)
  const problem = useSignal<unknown>(undefined)
  const server = { ...SERVER, token }

  async function load(signal?: AbortSignal): Promise<void> {
    try {
      const found = await getRepos({ ...server, signal })
      repos.value = found
      problem.value = undefined
    } catch (error) {
      if (!signal?.aborted) problem.value = error
    }
  }
  useEffect(() => {
    const stop = new AbortController()
    void poll(EVERY_MS, stop.signal, () => load(stop.signal))
    return () => stop.abort()
  }, [token])
  return (
    <section class="page narrow">
      <h1>Repos</h1>
      <p class="quiet">The space of a repo is open to its people only.</p>
      {problem.value !== undefined && <Problem error={problem.value} />}
      {repos.value?.length === 0 && <p class="quiet">You are in none.</p>}
      <ul class="watched" aria-label="Repos">
        {repos.value?.map((repo) => (
          <RepoCard key={repo.id} repo={repo} me={user.username} server={server} onChange={load} />
        ))}
      </ul>
      <h2>A new one</h2>
      <Form
        submit="Make"
        resets
        onSubmit={async ({ name = '', url = '' }) => {
          await createRepo(server, { name, ...(url !== '' && { url }) })
          await load()
        }}
      >
        <Field label="Name" name="name" required />
        <Field label="Address" name="url" hint="http, https, ssh, git, or git@host:path; may stay empty" />
      </Form>
    </section>
  )
}

export const Repos = () => (session.value ? <Mine session={session.value} /> : <LogInFirst title="Repos" />)
