import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { expect, it } from 'vitest'
import { openHouse } from '../support/house.ts'

it('without SMTP_URL a mail is a file below DATA_DIR that only its owner reads, whole, with a link that works', async () => {
  await using house = await openHouse()
  // A service for others makes no demo people, whom nobody needs here.
  const nemesis = await house.process({ HOST: '0.0.0.0' })
  const zoe = {
    userid: 'zoe',
    firstName: 'Zoë',
    surname: 'Ågren',
    email: 'zoe@example.org',
    password: undefined,
  }
  await house.storage.directory.add({ ...zoe, roles: [], colleges: [], teams: [] })
  await nemesis.post('/reset_password', { username: 'zoe' })

  const folder = join(house.dir, 'mail')
  const files = () => readdir(folder).catch(() => [])
  await expect.poll(files).toEqual([expect.stringMatching(/^[\w-]{36}\.eml$/)])
  const [name = ''] = await files()
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  const file = await readFile(join(folder, name), 'utf8')
  const { to, subject, text } = await PostalMime.parse(file)
  expect([to?.[0], subject]).toMatchObject([
    { name: 'Zoë', address: 'zoe@example.org' },
    'Choose a new password',
  ])
  expect(text).toContain('Hello Zoë,')
  // Whoever looks into the file sees the whole link. Nobody said where people reach it, so it is where it listens.
  const [url = ''] = /http:\S+/.exec(file) ?? []
  expect(url.startsWith(`${nemesis.server.url}/reset_password/zoe/`)).toBe(true)
  expect((await fetch(url)).status).toBe(200)
  const metrics = async () => (await nemesis.get('/metrics')).text
  await expect.poll(metrics).toContain('nemesis_mails_total{result="sent"} 1')
  await expect.poll(metrics).toContain('nemesis_mails_waiting 0')
})
