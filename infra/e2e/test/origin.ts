/** One running Switchboard, as a client sees it. */
export interface Origin {
  /** `http://host:port` */
  url: string
  /** `ws://host:port` */
  wsUrl: string
}

/** POSTs a form, as the documents' oldest clients do. */
export function postForm(
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers })
}

/** POSTs JSON. */
export function postJson(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })
}

let people = 0

/** A name nobody had before, also in a database that an earlier run left. */
export const freshName = (prefix: string): string => `${prefix}-${Date.now().toString(36)}-${++people}`

export interface Person {
  username: string
  password: string
  /** From chat's log-in; good for ide as well. */
  token: string
  id: number
}

/** Signs up over ide and logs in over chat: one account everywhere. */
export async function signUp({ url }: Origin, prefix = 'person'): Promise<Person> {
  const username = freshName(prefix)
  const password = `secret of ${username}`
  const signedUp = await postForm(`${url}/api/v1/user/signup`, {
    username,
    password,
    email: `${username}@example.org`,
  })
  if (signedUp.status !== 200) throw new Error(`sign-up answered ${signedUp.status} ${await signedUp.text()}`)
  const loggedIn = await postJson(`${url}/api/v1/login`, { username, secret: password })
  const { data } = (await loggedIn.json()) as { data: { token: string; user: { id: number } } }
  return { username, password, token: data.token, id: data.user.id }
}
