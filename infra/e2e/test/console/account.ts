import { expect, test } from 'vitest'
import { freshName, signUp } from '../origin.ts'
import type { Console } from './house.ts'

/** One account everywhere. */
export function account(house: () => Console): void {
  test('a reload keeps who is logged in, a log-out ends it everywhere', async () => {
    const { enter, running } = house()
    const { page, username } = await enter('carol', 'account')
    await page.reload()
    await page.getByText(`You are ${username}`).waitFor()
    const token = await page.evaluate<string>(`JSON.parse(sessionStorage.getItem('session')).token`)
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('button', { name: 'Log in', exact: true }).waitFor()
    await expect
      .poll(async () => (await fetch(`${running.url}/api/v1/repos?token=${token}`)).status)
      .toBe(401)
    expect(await page.evaluate('sessionStorage.getItem("session")')).toBeNull()
  })

  test('a wrong password is said in words', async () => {
    const page = await house().chromium.open(`${house().running.url}/#/account`)
    const { username } = await signUp(house().running, 'dan')
    await page.getByLabel('Name').fill(username)
    await page.getByLabel('Password').fill('not it')
    await page.getByRole('button', { name: 'Log in', exact: true }).click()
    expect(await page.getByRole('alert').textContent()).toBe('The password is wrong.')
  })

  test.each(['<html>garbage', '{"error":null,"data":{"token":7}}'])(
    'a server that answers %s is told of in words',
    async (body) => {
      const page = await house().visit('account')
      await page.route('**/api/v1/login', (route) => route.fulfill({ status: 200, body }))
      await page.getByLabel('Name').fill('alice')
      await page.getByLabel('Password').fill('x')
      await page.getByRole('button', { name: 'Log in', exact: true }).click()
      expect(await page.getByRole('alert').textContent()).toBe(
        'The server says something that cannot be understood.',
      )
    },
  )

  test('who is logged out elsewhere is told, and reads on as a guest', async () => {
    const { enter, running } = house()
    const { page } = await enter('erin', `rooms/${freshName('room')}`)
    await page.getByText('connected', { exact: true }).waitFor()
    const token = await page.evaluate<string>(`JSON.parse(sessionStorage.getItem('session')).token`)
    await fetch(`${running.url}/api/v1/user/logout?token=${token}`, { method: 'POST' })
    await page.getByRole('alert').getByText('You were logged out.').waitFor()
    await page.getByText('Guests only listen.').waitFor()
  })

  test('everything can be done with the keyboard alone', async () => {
    const { running, visit } = house()
    const { username, password } = await signUp(running, 'frank')
    const page = await visit('account')
    await page.getByRole('heading', { name: 'Account' }).waitFor()
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key)
    }
    // The first thing leads past the header, to the two ways and the fields.
    await press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('To the content')
    await press('Enter', 'Tab', 'Tab', 'Tab')
    await page.keyboard.type(username)
    await press('Tab')
    await page.keyboard.type(password)
    await press('Enter')
    await page.getByText(`You are ${username}`).waitFor()
  })
}
