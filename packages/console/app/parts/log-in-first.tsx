import { linkTo } from '../state/route.ts'

export const LogInFirst = ({ title }: { title: string }) => (
  <section class="page narrow">
    <h1>{title}</h1>
    <p>
      <a href={linkTo('account')}>Log in or sign up</a> first.
    </p>
  </section>
)
