import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { QueuedRegistration } from '@switchboard/protocol/nemesis'
import { eventually } from '@switchboard/testing/eventually'
import PostalMime from 'postal-mime'
import type { House, Process } from './house.ts'

/** As `POST /user/register` takes it. */
export const ADA = {
  first_name: 'Ada',
  last_name: 'Lovelace',
  email: 'ada@example.org',
  team: 'team-ABC',
} as const

export const addAdministrator = (house: House) =>
  house.add({ userid: 'admin', roles: ['administrator'], colleges: ['college-2'] })

/** Registers somebody, and answers the number in the queue. */
export async function register(
  house: House,
  process: Process,
  token: string,
  person: Partial<Record<keyof typeof ADA, string>> = {},
): Promise<number> {
  const { status } = await process.post('/user/register', { ...ADA, ...person }, token)
  if (status !== 200) throw new Error(`not registered: ${status}`)
  const [row] = await house.rows('SELECT max(id)::int AS id FROM nemesis.registration')
  return row?.['id'] as number
}

export const registrationsOf = (answer: { body: unknown }): QueuedRegistration[] =>
  (answer.body as { registrations: QueuedRegistration[] }).registrations

/** The userids to whom a link to activate was sent, one for each mail, once all that is queued is sent. */
export async function mailed(house: House): Promise<string[]> {
  await eventually(async () => (await house.storage.outbox.waiting()) === 0)
  const folder = join(house.dir, 'mail')
  const files = await readdir(folder).catch(() => [])
  const mails = await Promise.all(
    files.map(async (file) => PostalMime.parse(await readFile(join(folder, file)))),
  )
  return mails.flatMap(({ text = '' }) => /\/activate\/([^/\s]+)\//.exec(text)?.[1] ?? [])
}
