import { signUp as signUpAtChat } from '@switchboard/sdk/chat'
import { logOut as logOutAtIde, signUp as signUpAtIde } from '@switchboard/sdk/ide'
import { logIn, SERVER, server } from './session.ts'

/** Makes an account, and logs it in. Without an e-mail address it is chat's way, which asks for none. */
export async function signUp(username: string, password: string, email: string): Promise<void> {
  if (email === '') await signUpAtChat(SERVER, { username, secret: password })
  else await signUpAtIde(SERVER, { username, password, email })
  await logIn(username, password)
}

/** The token is taken back everywhere; where it cannot be, it is at least forgotten here, with all else that this tab knew. */
export async function logOut(): Promise<void> {
  const asWho = server()
  sessionStorage.clear()
  await logOutAtIde(asWho).catch(() => {})
  location.reload()
}
