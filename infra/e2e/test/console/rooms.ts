import { connect } from '@switchboard/testing/socket'
import { expect, test } from 'vitest'
import { freshName, postJson, signUp } from '../origin.ts'
import type { Console } from './house.ts'

/** Less is not noticed: the row above what is read is measured when it comes into sight, and was estimated before. */
const LINE_PX = 16

/** What a room has of earlier, and of elsewhere. */
export function rooms(house: () => Console): void {
  test('what was said before comes as the top comes near, to its beginning, and what is read stays in place', async () => {
    const { running, visit } = house()
    const alice = await signUp(running, 'alice')
    const room = freshName('old')
    await using client = await connect(`${running.wsUrl}/api/v1/rooms/${room}/messages/ws`, {
      protocols: [alice.token],
    })
    const total = 450
    for (let sent = 1; sent <= total; sent++) client.send({ text: `message ${sent}` })
    for (let heard = 0; heard < total; ) heard += (await client.nextJson<unknown[]>()).length

    const page = await visit(`rooms/${room}`)
    const log = page.getByRole('log')
    const message = (sent: number) => log.getByText(`message ${sent}`, { exact: true })
    const loaded = () => log.locator('[aria-setsize]').last().getAttribute('aria-setsize').then(Number)
    const top = async (sent: number) => Math.round((await message(sent).boundingBox())?.y ?? 0)
    await message(450).waitFor()
    expect(await loaded()).toBe(200)

    const asked = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<void>()
    await page.route('**/api/v1/messages?*before=*', async (route) => {
      asked.resolve()
      await answer.promise
      await route.continue()
    })
    await log.focus()
    await page.keyboard.press('Home')
    await asked.promise
    await page.getByRole('button', { name: 'Loading earlier messages…' }).waitFor()
    const before = await top(251)
    answer.resolve()
    await expect.poll(loaded).toBe(400)
    await message(250).waitFor()
    expect(Math.abs((await top(251)) - before)).toBeLessThan(LINE_PX)

    await page.unroute('**/api/v1/messages?*before=*')
    await page.route('**/api/v1/messages?*before=*', (route) => route.abort())
    await page.keyboard.press('Home')
    await log.getByRole('alert').getByText('The server cannot be reached.').waitFor()
    await page.unroute('**/api/v1/messages?*before=*')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await expect.poll(loaded).toBe(total)
    await page.keyboard.press('Home')
    await log.getByText('This is the beginning of the room.').waitFor()
    await message(1).waitFor()
    expect(await page.getByRole('article').count()).toBeLessThan(80)
  })

  test('a room that no address leads to is refused in words', async () => {
    const page = await house().visit('rooms/..')
    await page.getByText('No address leads to what is called "." or "..".').waitFor()
    expect(await page.getByRole('article').count()).toBe(0)
  })

  test('a room is linked to a college by whoever leads it, and a registration is told in it', async () => {
    const { enter, running } = house()
    const { page } = await enter('owner', `rooms/${freshName('newcomers')}`)
    await page.getByText('connected', { exact: true }).waitFor()
    await page.getByText('Links', { exact: true }).click()
    await page.getByRole('button', { name: 'a college' }).click()
    const fill = async (college: string, password: string) => {
      await page.getByLabel('College’s id').fill(college)
      await page.getByLabel('Leader’s name').fill('teacher_coll1')
      await page.getByLabel('Leader’s password').fill(password)
      await page.getByRole('button', { name: 'Link', exact: true }).click()
    }
    const refusal = page.getByRole('alert')
    await fill('college-1', 'not it')
    await expect.poll(() => refusal.textContent()).toBe('The name or the password is wrong.')
    await fill('college-2', 'facebees')
    await expect.poll(() => refusal.textContent()).toBe('This leader sees no such college.')
    await fill('college-1', 'facebees')
    await page.getByRole('list', { name: 'Links' }).getByText('college-1').waitFor()
    expect(await refusal.count()).toBe(0)

    const logIn = await postJson(`${running.url}/auth`, { username: 'teacher_coll1', password: 'facebees' })
    const { token } = (await logIn.json()) as { token: string }
    const newcomer = { first_name: 'Ada', last_name: 'L', email: 'ada@example.org', team: 'team-ABC' }
    await postJson(`${running.url}/user/register`, { token, ...newcomer })
    await page.getByRole('log').getByText('a registration for team-ABC came in').waitFor()
    expect(await page.getByRole('log').textContent()).not.toMatch(/Ada|example/)
    await page.getByRole('button', { name: /^unlink/ }).click()
    await expect.poll(() => page.getByRole('list', { name: 'Links' }).textContent()).toBe('')

    // Who is logged in as a leader is not asked again.
    await page.goto(`${running.url}/#/college`)
    await page.getByLabel('Name').fill('teacher_coll1')
    await page.getByLabel('Password').fill('facebees')
    await page.getByRole('button', { name: 'Log in', exact: true }).click()
    await page.getByRole('heading', { name: 'college the first' }).waitFor()
    await page.goBack()
    await page.getByText('Links', { exact: true }).click()
    await page.getByRole('button', { name: 'a college' }).click()
    await page.getByLabel('College’s id').fill('college-1')
    expect(await page.getByLabel('Leader’s password').count()).toBe(0)
    await page.getByRole('button', { name: 'Link', exact: true }).click()
    await page.getByRole('list', { name: 'Links' }).getByText('college-1').waitFor()
  })
}
