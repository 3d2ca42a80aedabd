import { Name } from '../parts/text.tsx'
import { linkTo } from '../state/route.ts'
import { session } from '../state/session.ts'
import { PAGES } from './pages.tsx'

export function Home() {
  const { value } = session
  return (
    <section class="page narrow">
      <h1>Switchboard</h1>
      <p>
        {value ? (
          <>
            You are <Name of={value.user.username} />.
          </>
        ) : (
          <>
            <a href={linkTo('account')}>Log in or sign up</a>: one account is good everywhere. Guests listen.
          </>
        )}
      </p>
      <ul class="cards">
        {PAGES.map(({ page, title, about }) => (
          <li key={page}>
            <a href={linkTo(page)}>
              <strong>{title}</strong>
              <span>{about}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
