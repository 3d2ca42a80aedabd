import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { freshName } from '../origin.ts'
import type { Console } from './house.ts'

/** Relay and spaces. */
export function lines(house: () => Console): void {
  test('a webhook is seen as it comes, is copied as a command that sends it again, and is sent again', async () => {
    const { chromium, running } = house()
    const page = await chromium.open(`${running.url}/#/relay`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await page.getByRole('button', { name: 'Make an address' }).click()
    const address = (await page.locator('code').textContent()) ?? ''
    await page.getByText('connected', { exact: true }).waitFor()
    const body = JSON.stringify({ ref: "it's <b>main</b> $(id) `id` \u202E" })
    const send = () =>
      fetch(`${address}/hooks/push?tag=[1-3]`, {
        method: 'PUT',
        body,
        headers: { 'content-type': 'application/json', 'x-hook': "a'b" },
      })
    const answer = await send()
    expect([answer.status, answer.headers.get('x-relay-delivery')]).toEqual([200, 'delivered'])
    const request = page.getByRole('article', { name: 'Request' })
    await request.getByText('PUT /hooks/push?tag=[1-3]').waitFor()
    expect(await request.textContent()).toContain("it's <b>main</b> $(id) `id` U+202E")
    expect(await page.locator('main b').count()).toBe(0)

    await page.getByRole('button', { name: 'Copy as curl' }).click()
    await page.getByText('Copy as curl: copied').waitFor()
    const command = await page.evaluate<string>('navigator.clipboard.readText()')
    await promisify(execFile)('sh', ['-c', command])
    const received = page.getByRole('list', { name: 'Requests' }).getByRole('listitem')
    await expect.poll(() => received.count()).toBe(2)
    expect(await request.textContent()).toContain("a'b")
    expect(await request.textContent()).toContain("it's <b>main</b> $(id) `id` U+202E")

    await page.getByRole('button', { name: 'Send again' }).click()
    await expect.poll(() => received.count()).toBe(3)
    expect(await request.textContent()).toContain("it's <b>main</b> $(id) `id` U+202E")

    await page.reload()
    await page.getByText('connected', { exact: true }).waitFor()
    expect(await page.locator('code').textContent()).toBe(address)
    await send()
    await expect.poll(() => received.count()).toBe(1)
  })

  test('a name that would hide or turn around what it is, is shown with what it hides', async () => {
    const { page } = await house().enter('alice', `spaces/${encodeURIComponent('\u202Elive\u200B<b>')}`)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('U+202EliveU+200B<b>')
    expect(await page.getByRole('link', { name: 'live' }).textContent()).toBe('U+202EliveU+200B<b>')
  })

  test('two people in a space connect directly and write one text, both at once', async () => {
    const { enter } = house()
    const space = freshName('space')
    const alice = await enter('alice', `spaces/${space}`)
    await alice.page.getByText('connected', { exact: true }).waitFor()
    const text = alice.page.getByLabel('Shared text')
    await text.fill('one 😀')
    const bob = await enter('bob', `spaces/${space}`)
    const theirs = bob.page.getByLabel('Shared text')
    await alice.page.getByText(`${bob.username} directly connected`).waitFor()
    await bob.page.getByText(`${alice.username} directly connected`).waitFor()
    await expect.poll(() => theirs.inputValue()).toBe('one 😀')
    await text.press('End')
    await theirs.press('Home')
    await Promise.all([text.pressSequentially(' two three'), theirs.pressSequentially('<b>zero</b> ')])
    for (const box of [text, theirs])
      await expect.poll(() => box.inputValue()).toBe('<b>zero</b> one 😀 two three')
    await theirs.fill('<b>zero</b> one 😁 two three')
    await expect.poll(() => text.inputValue()).toBe('<b>zero</b> one 😁 two three')
    await bob.page.context().close()
    await expect
      .poll(() => alice.page.getByRole('list', { name: 'Who is there' }).textContent())
      .toBe(alice.username)
  })
}
