import { useSignal } from '@preact/signals'
import { Field, Form } from '../parts/form.tsx'
import { Name } from '../parts/text.tsx'
import { logOut, signUp } from '../state/account.ts'
import { logIn, session } from '../state/session.ts'

const LogIn = () => (
  <Form submit="Log in" onSubmit={({ username = '', password = '' }) => logIn(username, password)}>
    <Field label="Name" name="username" autocomplete="username" required />
    <Field label="Password" name="password" type="password" autocomplete="current-password" required />
  </Form>
)

const SignUp = () => (
  <Form
    submit="Sign up"
    onSubmit={({ username = '', password = '', email = '' }) => signUp(username, password, email)}
  >
    <Field label="Name" name="username" autocomplete="username" required hint="1 to 64 characters" />
    <Field label="Password" name="password" type="password" autocomplete="new-password" required />
    <Field label="E-mail" name="email" type="email" autocomplete="email" hint="may stay empty" />
  </Form>
)

export function Account() {
  const isNew = useSignal(false)
  const { value } = session
  if (value)
    return (
      <section class="page narrow">
        <h1>Account</h1>
        <p>
          You are <Name of={value.user.username} />, number {value.user.id}. This tab forgets it when it is
          closed.
        </p>
        <button type="button" onClick={() => void logOut()}>
          Log out
        </button>
      </section>
    )
  return (
    <section class="page narrow">
      <h1>Account</h1>
      <div class="tabs">
        {([false, true] as const).map((one) => (
          <button
            key={`${one}`}
            type="button"
            aria-pressed={isNew.value === one}
            onClick={() => {
              isNew.value = one
            }}
          >
            {one ? 'I am new' : 'I have an account'}
          </button>
        ))}
      </div>
      {isNew.value ? <SignUp /> : <LogIn />}
    </section>
  )
}
