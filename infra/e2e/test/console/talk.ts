import type { Locator } from '@switchboard/testing/chromium'
import { connect } from '@switchboard/testing/socket'
import { expect, test } from 'vitest'
import { freshName, postJson, signUp } from '../origin.ts'
import type { Console } from './house.ts'

/** Rooms and channels. */
export function talk(house: () => Console): void {
  test('two people sign up and talk, both ways, and a guest reads along', async () => {
    const { enter, visit, chromium, running } = house()
    const room = freshName('lobby')
    const alice = await enter('alice', `rooms/${room}`)
    const bob = { username: freshName('bob'), page: await chromium.open(`${running.url}/#/account`) }
    await bob.page.getByRole('button', { name: 'I am new' }).click()
    await bob.page.getByLabel('Name').fill(bob.username)
    await bob.page.getByLabel('Password').fill('correct horse')
    await bob.page.getByRole('button', { name: 'Sign up' }).click()
    await bob.page.getByRole('button', { name: 'Log out' }).waitFor()
    await bob.page.goto(`${running.url}/#/rooms/${room}`)

    await alice.page.getByLabel('Say something').fill('hello bob')
    await alice.page.getByLabel('Say something').press('Enter')
    await bob.page.getByText('hello bob').waitFor()
    await bob.page.getByLabel('Say something').fill('hello alice')
    await bob.page.getByRole('button', { name: 'Send' }).click()
    await alice.page.getByText('hello alice').waitFor()

    const guest = await visit(`rooms/${room}`)
    await guest.getByText('hello alice').waitFor()
    expect(await guest.getByRole('article').allInnerTexts()).toHaveLength(2)
    expect(await guest.getByLabel('Say something').count()).toBe(0)
    const people = guest.getByRole('list', { name: 'Who is there' }).getByRole('listitem')
    await expect.poll(() => people.allInnerTexts()).toEqual([alice.username, bob.username])
  })

  test('what people say is text: no markup, no text turned around, nothing hidden, no page made wide', async () => {
    const { running, visit } = house()
    const alice = { username: freshName('<img src=x onerror=alert(1)>'), secret: 'correct horse' }
    await postJson(`${running.url}/api/v1/users`, alice)
    const login = await postJson(`${running.url}/api/v1/login`, alice)
    const { data } = (await login.json()) as { data: { token: string } }
    const room = freshName('hostile')
    await using client = await connect(`${running.wsUrl}/api/v1/rooms/${room}/messages/ws`, {
      protocols: [data.token],
    })
    const page = await visit(`rooms/${room}`)
    const said = [
      '<img src=x onerror="document.title=1"><script>document.title=2</script>',
      'abc \u202Edetrevni\u202C \u0000\u200F',
      'x'.repeat(4096),
      'שלום hello',
      '&lt;b&gt; &amp; {{7*7}} javascript:alert(1)',
      'lone \uD800 surrogate',
    ]
    for (const text of said) client.send({ text })
    await page.getByText('surrogate').waitFor()
    const words = await page.locator('.words').allTextContents()
    expect(words.filter((text) => text.startsWith('x'))).toEqual(['x'.repeat(4096)])
    expect(words).toContain(said[0])
    expect(words).toContain('abc U+202EdetrevniU+202C U+0000U+200F')
    expect(words).toContain(said[4])
    expect(words).toContain('lone U+D800 surrogate')
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(await page.locator('.by .name').first().textContent()).toBe(alice.username)
    await page.setViewportSize({ width: 360, height: 640 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
  })

  test('two people under nicknames meet in a channel; who goes is told', async () => {
    const { visit } = house()
    const pages = [await visit('channels/tea'), await visit('channels/tea')] as const
    const nicks = [freshName('[zoe]'), freshName('Ζωή')] as const
    for (const [index, page] of pages.entries()) {
      await page.getByLabel('Nickname').fill(nicks[index] ?? '')
      await page.getByRole('button', { name: 'Connect' }).click()
      await page.getByText('connected', { exact: true }).waitFor()
    }
    const [zoe, other] = pages
    await expect
      .poll(() => zoe.getByRole('list', { name: 'Who is there' }).textContent())
      .toBe(nicks.join(''))
    await zoe.getByLabel('Say something').fill('<b>tea</b>?')
    await zoe.keyboard.press('Enter')
    await other.getByText('<b>tea</b>?').waitFor()
    await other.getByLabel('Say something').fill('please')
    await other.keyboard.press('Enter')
    await zoe.getByText('please').waitFor()
    await other.context().close()
    await zoe.getByText(`${nicks[1]} went`).waitFor()
  })

  test('a nickname that cannot be is refused in words', async () => {
    const page = await house().visit('channels')
    await page.getByLabel('Nickname').fill('2 bob')
    await page.getByRole('button', { name: 'Connect' }).click()
    await expect.poll(() => page.getByRole('alert').textContent()).toBe('This cannot be a nickname.')
  })

  test('ten thousand messages are a few dozen elements, and both ends can be reached', async () => {
    const { running, visit } = house()
    const alice = await signUp(running, 'alice')
    const room = freshName('long')
    const page = await visit(`rooms/${room}`)
    await page.getByText('connected').waitFor()
    await using client = await connect(`${running.wsUrl}/api/v1/rooms/${room}/messages/ws`, {
      protocols: [alice.token],
    })
    for (let sent = 1; sent <= 10_000; sent++) {
      client.send({ text: `message ${sent}` })
      if (sent % 500 === 0)
        await expect
          .poll(() => page.locator('[aria-setsize]').last().getAttribute('aria-setsize').then(Number))
          .toBe(sent)
    }
    await page.getByText('message 10000').waitFor()
    expect(await page.getByRole('article').count()).toBeLessThan(80)
    await page.getByRole('log').focus()
    await page.keyboard.press('Home')
    await page.getByText('message 1', { exact: true }).waitFor()
    expect(await page.getByRole('article').count()).toBeLessThan(80)
    await page.keyboard.press('End')
    await page.getByText('message 10000').waitFor()
    await page.setViewportSize({ width: 500, height: 400 })
    const bottomOf = async (locator: Locator) => {
      const { y = 0, height = 0 } = (await locator.boundingBox()) ?? {}
      return Math.round(y + height)
    }
    await expect
      .poll(
        async () =>
          (await bottomOf(page.getByText('message 10000'))) <= (await bottomOf(page.getByRole('log'))),
      )
      .toBe(true)
  })
}
