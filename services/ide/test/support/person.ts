import { randomUUID } from 'node:crypto'

export interface Person {
  name: string
  password: string
  token: string
}

export const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })

/** A new account and a token of it, whose `ide_id` is empty unless told. */
export async function signUp(url: string, name: string, ide_id = ''): Promise<Person> {
  const password = `${name}'s password`
  const email = `${randomUUID()}@example.org`
  const made = await post(`${url}/api/v1/user/signup`, { username: name, password, email })
  if (!made.ok) throw new Error(`${made.status}: ${await made.text()}`)
  return { name, password, token: await tokenOf(url, { name, password }, ide_id) }
}

export async function tokenOf(
  url: string,
  { name, password }: Omit<Person, 'token'>,
  ide_id = '',
): Promise<string> {
  const answer = await post(`${url}/api/v1/user/auth`, { username: name, password, ide_id })
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
  return ((await answer.json()) as { token: string }).token
}

/** The API as the holder of a token sees it; answers status and parsed body. */
export function api(url: string, { token }: Pick<Person, 'token'>) {
  return async <T = Record<string, unknown>>(method: string, path: string, body?: unknown) => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` }
    if (body !== undefined) headers['content-type'] = 'application/json'
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: (text === '' ? undefined : JSON.parse(text)) as T }
  }
}
