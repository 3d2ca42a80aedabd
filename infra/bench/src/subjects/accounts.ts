import type { Prepared } from '../load/wires.ts'

const SECRET = 'a password for the bench'
/** Sign-ups at a time; each costs a hash. */
const AT_ONCE = 8

interface Door {
  signUp: { path: string; body(name: string): object }
  logIn: { path: string; body(name: string): object }
  tokenOf(answer: unknown): string
}

const DOORS = {
  chat: {
    signUp: { path: '/api/v1/users', body: (username) => ({ username, secret: SECRET }) },
    logIn: { path: '/api/v1/login', body: (username) => ({ username, secret: SECRET }) },
    tokenOf: (answer) => (answer as { data: { token: string } }).data.token,
  },
  ide: {
    signUp: {
      path: '/api/v1/user/signup',
      body: (username) => ({ username, password: SECRET, email: `${username}@example.org` }),
    },
    logIn: { path: '/api/v1/user/auth', body: (username) => ({ username, password: SECRET, ide_id: '' }) },
    tokenOf: (answer) => (answer as { token: string }).token,
  },
} satisfies Record<string, Door>

export type ServiceWithAccounts = keyof typeof DOORS

async function post(url: string, body: object): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 200)}`)
  return JSON.parse(text)
}

/** People, with their tokens in the same order, and the password of each. */
export type Accounts = Required<Pick<Prepared, 'tokens' | 'names' | 'secret'>>

/** Signs people up at a running service, over its HTTP, and logs each of them in. */
export async function makeAccounts(
  service: ServiceWithAccounts,
  port: number,
  count: number,
): Promise<Accounts> {
  const { signUp, logIn, tokenOf }: Door = DOORS[service]
  const origin = `http://127.0.0.1:${port}`
  // Of one length, so that messages are.
  const names = Array.from({ length: count }, (_, i) => `bench-${String(i).padStart(4, '0')}`)
  const tokens: string[] = []
  let next = 0
  const work = async (): Promise<void> => {
    for (let i = next++; i < names.length; i = next++) {
      const name = names[i] as string
      await post(origin + signUp.path, signUp.body(name))
      tokens[i] = tokenOf(await post(origin + logIn.path, logIn.body(name)))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return { tokens, names, secret: SECRET }
}
