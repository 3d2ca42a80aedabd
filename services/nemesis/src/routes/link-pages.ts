import { PASSWORD_MAX_BYTES } from '@switchboard/protocol/names'
import { type Html, html, type Page } from './page.ts'

const TITLES = { activate: 'Activate your account', reset: 'Choose a new password' } as const

const NO_PROBLEM: Html = { markup: '' }

/** The form that a link to set a password leads to; it is sent to the page's own URL. */
export const passwordPage = (kind: keyof typeof TITLES, userid: string, problem?: string): Page => ({
  title: TITLES[kind],
  body: html`${problem === undefined ? NO_PROBLEM : html`<p role="alert">${problem}</p>`}
<form method="post">
<label for="username">Username</label>
<input id="username" name="username" value="${userid}" autocomplete="username" readonly>
<label for="password">New password</label>
<input id="password" name="password" type="password" autocomplete="new-password" maxlength="${`${PASSWORD_MAX_BYTES}`}" required autofocus>
<button>Set password</button>
</form>`,
})

export const passwordSetPage = (userid: string): Page => ({
  title: 'Your password is set',
  body: html`<p>You can log in as <strong>${userid}</strong> now.</p>`,
})

export const verifiedPage = (userid: string): Page => ({
  title: 'Your e-mail address is confirmed',
  body: html`<p>It is the address of <strong>${userid}</strong> from now on.</p>`,
})

export const problemPage = (problem: string): Page => ({
  title: 'That did not work',
  body: html`<p role="alert">${problem}</p>`,
})
