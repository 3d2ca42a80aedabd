import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import { Account } from './pages/account.tsx'
import { Home } from './pages/home.tsx'
import { PAGES, type Page } from './pages/pages.tsx'
import { Name } from './parts/text.tsx'
import { linkTo, route } from './state/route.ts'
import { session, wasLost } from './state/session.ts'

type Loaded = ComponentType<{ name: string | undefined }> | 'failed'

const loaded = signal<Readonly<Record<string, Loaded>>>({})

const load = async ({ page, load }: Page): Promise<void> => {
  const component = await load().catch(() => 'failed' as const)
  loaded.value = { ...loaded.value, [page]: component }
}

const NotLoaded = () => (
  <section class="page narrow" role="alert">
    <p>This part of the page could not be fetched.</p>
    <button type="button" onClick={() => location.reload()}>
      Try again
    </button>
  </section>
)

function Main() {
  const { page, name } = route.value
  const found = PAGES.find((one) => one.page === page)
  useEffect(() => {
    if (found && typeof loaded.peek()[page] !== 'function') void load(found)
    document.title = found ? `${found.title} · Switchboard` : 'Switchboard'
  }, [found, page])
  if (page === 'account') return <Account />
  if (!found) return <Home />
  const Shown = loaded.value[page]
  if (Shown === 'failed') return <NotLoaded />
  return Shown ? <Shown key={session.value?.user.id ?? 'guest'} name={name} /> : <p class="page quiet">…</p>
}

const Navigation = () => (
  <nav aria-label="Parts">
    {PAGES.map(({ page, title }) => (
      <a key={page} href={linkTo(page)} aria-current={route.value.page === page ? 'page' : undefined}>
        {title}
      </a>
    ))}
  </nav>
)

export const App = () => (
  <>
    <button type="button" class="skip" onClick={() => document.querySelector('main')?.focus()}>
      To the content
    </button>
    <header>
      <a class="brand" href={linkTo('')}>
        Switchboard
      </a>
      <Navigation />
      <a
        class="me"
        href={linkTo('account')}
        aria-current={route.value.page === 'account' ? 'page' : undefined}
      >
        {session.value ? <Name of={session.value.user.username} /> : 'Log in'}
      </a>
    </header>
    <main id="main" tabIndex={-1}>
      {wasLost.value && (
        <p class="lost" role="alert">
          You were logged out. <a href={linkTo('account')}>Log in</a> again.
        </p>
      )}
      <Main />
    </main>
  </>
)
