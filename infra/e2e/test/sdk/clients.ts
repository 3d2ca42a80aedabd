import {
  type Connection,
  type Events,
  logIn,
  type State,
  type StateChange,
  signUp,
  type User,
} from '@switchboard/sdk/chat'
import type { Line } from '@switchboard/testing/line'
import { freshName, type Origin } from '../origin.ts'

export interface Person {
  token: string
  user: User
  username: string
  secret: string
}

/** Somebody new, logged in: the token is good for chat, ide and channels. */
export async function person({ url }: Pick<Origin, 'url'>, prefix: string): Promise<Person> {
  const credentials = { username: freshName(prefix), secret: 'correct horse' }
  await signUp({ url }, credentials)
  return { ...credentials, ...(await logIn({ url }, credentials)) }
}

export const portOf = ({ url }: Pick<Origin, 'url'>): number => Number(new URL(url).port)

/** The origin as it is called over a line. */
export const over = (line: Line): string => `http://127.0.0.1:${line.port}`

/** The next items of something that is iterated over. */
export async function next<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) if (all.push(item) === count) break
  return all
}

/** Resolves when the client's state becomes this one. */
export function becomes(client: Connection & Events<{ state: StateChange }>, wanted: State): Promise<void> {
  return new Promise((resolve) => {
    const stop = client.on('state', ({ state }) => {
      if (state !== wanted) return
      stop()
      resolve()
    })
  })
}
