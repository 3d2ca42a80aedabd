import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getPerson, logIn, register } from '@switchboard/sdk/nemesis'
import { ADMINISTRATOR } from '@switchboard/testing/administrator'
import type { Page } from '@switchboard/testing/chromium'
import { expect, test } from 'vitest'
import { freshName } from '../origin.ts'
import type { Console } from './house.ts'

const LEADER = { username: 'teacher_coll1', password: 'facebees' }

const registrations = (page: Page) => page.getByRole('list', { name: 'Registrations' }).getByRole('listitem')
const oneOf = (page: Page, email: string) => registrations(page).filter({ hasText: email })
const rowsOfFile = (page: Page) => page.getByRole('table', { name: 'Rows of the file' }).getByRole('row')

/** The page, as a team leader or an administrator sees it. */
async function open(house: Console, { username, password }: typeof LEADER): Promise<Page> {
  const page = await house.visit('college')
  await page.getByLabel('Name').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  await page.getByRole('heading', { name: 'college the first' }).waitFor()
  return page
}

/** Somebody whom a team leader registers, by e-mail address. */
async function newcomer({ running: { url } }: Console, name: string, team = 'team-ABC'): Promise<string> {
  const email = `${freshName(name)}@example.org`
  const { token } = await logIn({ url }, LEADER)
  await register({ url, token }, { first_name: name, last_name: 'Lovelace', email, team })
  return email
}

/** The link in the mail to this address, once there is one. */
async function mailedLink({ dataDir }: Console, email: string): Promise<string> {
  const folder = join(dataDir, 'mail')
  const find = async () => {
    const files = await readdir(folder).catch(() => [])
    const mails = await Promise.all(
      files.filter((file) => file.endsWith('.eml')).map((file) => readFile(join(folder, file), 'utf8')),
    )
    return mails.find((mail) => mail.includes(email))
  }
  await expect.poll(find).toBeDefined()
  return /http\S+\/activate\/\S+/.exec((await find()) ?? '')?.[0] ?? ''
}

/** A team leader's people, and an administrator's queue. */
export function college(house: () => Console): void {
  test('a team leader sees the college, registers somebody, and decides nothing', async () => {
    const page = await open(house(), LEADER)
    const people = page.getByRole('table', { name: 'People' }).getByRole('row')
    const userids = await people.allTextContents()
    expect(userids.some((row) => row.startsWith('teacher_coll1'))).toBe(true)
    await page.getByLabel('First name').fill('<i>Ada</i>')
    await page.getByLabel('Last name').fill('L')
    const email = `${freshName('ada')}@example.org`
    await page.getByLabel('E-mail').fill(email)
    await page.getByRole('button', { name: 'Register' }).click()
    const ada = oneOf(page, email)
    await expect.poll(() => ada.textContent()).toContain('<i>Ada</i> L')
    expect(await ada.textContent()).toContain('for team-ABC in college-1, asked for by teacher_coll1')
    for (const words of ['Decide', 'Import from CSV', 'Download as CSV'])
      expect(await page.getByText(words).count()).toBe(0)
  })

  test('an administrator approves somebody, who then sets a password with the link that was mailed', async () => {
    const { chromium, running } = house()
    const email = await newcomer(house(), 'Grace')
    const page = await open(house(), ADMINISTRATOR)
    const grace = oneOf(page, email)
    // With the keyboard alone.
    await grace.getByText('Decide').focus()
    await page.keyboard.press('Enter')
    await grace.getByLabel('Into the team').fill('team-DFE')
    await page.keyboard.press('Enter')
    await expect.poll(() => grace.textContent()).toMatch(/approved as 1_gl\d+ by head/)
    expect(await grace.getByText('Decide').count()).toBe(0)
    expect(await grace.evaluate('document.activeElement.tagName')).toBe('LI')
    const [, userid = ''] = /approved as (1_gl\d+) /.exec((await grace.textContent()) ?? '') ?? []

    const invited = await chromium.open(await mailedLink(house(), email))
    expect(new URL(invited.url()).origin).toBe(running.url)
    await invited.getByLabel('New password').fill('my own')
    await invited.getByRole('button', { name: 'Set password' }).click()
    await invited.getByText('Your password is set').first().waitFor()
    const { url } = running
    const { token } = await logIn({ url }, { username: userid, password: 'my own', scope: 'self' })
    expect(await getPerson({ url, token }, userid)).toEqual({ full_name: 'Grace Lovelace', email })
  })

  test('what cannot be approved is said in words; it is rejected with a reason, which its leader reads', async () => {
    const email = await newcomer(house(), 'Eve', 'team-none')
    const page = await open(house(), ADMINISTRATOR)
    const eve = oneOf(page, email)
    await eve.getByText('(there was no such team)').waitFor()
    await eve.getByText('Decide').click()
    await eve.getByRole('button', { name: 'Approve' }).click()
    await eve.getByRole('alert').getByText('There is no such team; name one that there is.').waitFor()
    await eve.getByLabel(/^Reason/).fill('is in <b>another</b> school')
    await eve.getByRole('button', { name: 'Reject' }).click()
    await eve.getByText('because: is in <b>another</b> school').waitFor()

    const leader = await open(house(), LEADER)
    await leader.getByRole('button', { name: 'rejected' }).click()
    await expect.poll(() => oneOf(leader, email).textContent()).toContain('is in <b>another</b> school')
  })

  test('what is refused for a while tells when to try again, and can be tried again', async () => {
    const email = await newcomer(house(), 'Mary')
    const page = await open(house(), ADMINISTRATOR)
    const mary = oneOf(page, email)
    await mary.getByText('Decide').click()
    const answers = [
      [409, '3', 'Somebody else is at it. Try again in 3 seconds.'],
      [503, '1', 'Something that is needed for this is away. Try again in 1 second.'],
    ] as const
    for (const [status, after, words] of answers) {
      const answer = { status, headers: { 'retry-after': after }, json: { error: 'somebody else is at it' } }
      await page.route('**/registrations/*/approve', (route) => route.fulfill(answer), { times: 1 })
      await mary.getByRole('button', { name: 'Approve' }).click()
      await expect.poll(() => mary.getByRole('alert').textContent()).toBe(words)
    }
    await mary.getByRole('button', { name: 'Approve' }).click()
    await expect.poll(() => mary.textContent()).toContain('approved as')
  })

  test('a file is looked through row by row, mended, and put into the queue; what is downloaded can be imported', async () => {
    const page = await open(house(), ADMINISTRATOR)
    await page.getByText('Import from CSV').click()
    const [first, second] = [freshName('one'), freshName('two')]
    const look = async (lines: string[]) => {
      const csv = ['first_name,last_name,email,team,college', ...lines].join('\r\n')
      await page
        .getByLabel('File', { exact: true })
        .setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
      await page.getByRole('button', { name: 'Look through it' }).click()
    }
    const good = `Ζωή,One,${first}@example.org,team-ABC,college-1`
    await look([good, `Ben,Two,${second},team-new,college-1`, '<b>Eve</b>,Three,e@example.org,t,college-9'])
    await page.getByText('2 of 3 rows cannot be queued, so none is: mend the file.').waitFor()
    expect(await rowsOfFile(page).allTextContents()).toEqual([
      'LineWhat becomes of it',
      '2goes into the queue',
      expect.stringMatching(/^3email: /),
      '4college: there is no such college',
    ])
    expect(await page.getByRole('button', { name: /into the queue$/ }).count()).toBe(0)

    await look([good, `Ben,Two,${second}@example.org,team-new,college-1`])
    await page.getByText('2 of 2 rows go into the queue.').waitFor()
    expect(await rowsOfFile(page).last().textContent()).toBe(
      '3goes into the queue; there is no such team yet',
    )
    expect(await oneOf(page, first).count()).toBe(0)
    await page.getByRole('button', { name: 'Put 2 into the queue' }).click()
    await page.getByText('2 were put into the queue.').waitFor()
    await expect.poll(() => oneOf(page, first).textContent()).toContain('Ζωή One')

    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download as CSV' }).click()
    const file = await downloading
    expect(file.suggestedFilename()).toBe('registrations-waiting.csv')
    const csv = await readFile(await file.path(), 'utf8')
    expect(csv).toMatch(/^\ufeff"id","first_name",/)
    expect(csv).toContain(`"Ζωή","One","${first}@example.org"`)
    await page.getByLabel('File', { exact: true }).setInputFiles(await file.path())
    await page.getByRole('button', { name: 'Look through it' }).click()
    await page.getByText(/^0 of \d+ rows go into the queue\.$/).waitFor()
    expect(await page.getByRole('button', { name: /into the queue$/ }).count()).toBe(0)
  })
}
