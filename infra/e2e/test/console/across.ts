import { lineTo } from '@switchboard/testing/line'
import { connect } from '@switchboard/testing/socket'
import { expect, test } from 'vitest'
import { freshName, postJson, signUp } from '../origin.ts'
import type { Console } from './house.ts'

/** What goes over several services, and what happens when they are away. */
export function across(house: () => Console): void {
  test('where somebody is, in all services, is told as it changes, and leads there', async () => {
    const { enter, running } = house()
    const watcher = await enter('watcher', 'people')
    const alice = await signUp(running, 'alice')
    await watcher.page.getByLabel('Name').fill(alice.username)
    await watcher.page.getByRole('button', { name: 'Watch' }).click()
    await watcher.page.getByText('is nowhere').waitFor()
    const room = freshName('found')
    await using _client = await connect(`${running.wsUrl}/api/v1/rooms/${room}/messages/ws`, {
      protocols: [alice.token],
    })
    await watcher.page.getByRole('link', { name: room }).click()
    const people = watcher.page.getByRole('list', { name: 'Who is there' }).getByRole('listitem')
    await expect.poll(() => people.allTextContents()).toEqual([alice.username, watcher.username])
  })

  test('a room is linked to a relay, and what comes there is told in it', async () => {
    const { enter, running } = house()
    const { page } = await enter('owner', `rooms/${freshName('hooks')}`)
    await page.getByText('connected', { exact: true }).waitFor()
    const token = await (await fetch(`${running.url}/v1/new`)).text()
    await page.getByText('Links', { exact: true }).click()
    await page.getByRole('button', { name: 'a relay’s address' }).click()
    await page.getByLabel('Token').fill(`${running.url}/v1/go/${token}`)
    await page.getByRole('button', { name: 'Link', exact: true }).click()
    await page.getByRole('list', { name: 'Links' }).getByText(token.slice(0, 4)).waitFor()
    await postJson(`${running.url}/v1/go/${token}/hook`, { hello: 1 })
    await page.getByRole('log').getByText('POST /hook').waitFor()
    await page.getByRole('button', { name: /^unlink/ }).click()
    await expect.poll(() => page.getByRole('list', { name: 'Links' }).textContent()).toBe('')
  })

  test('a server that is away is told of in words; what was said meanwhile is there when it is back', async () => {
    const { enter, running } = house()
    await using line = await lineTo(Number(new URL(running.url).port))
    const { page } = await enter('alice', `rooms/${freshName('away')}`, `http://127.0.0.1:${line.port}`)
    await page.getByText('connected', { exact: true }).waitFor()
    line.cut()
    await page.getByText('The server cannot be reached.').waitFor()
    await page.getByLabel('Say something').fill('said meanwhile')
    await page.keyboard.press('Enter')
    line.mend()
    await page.getByRole('log').getByText('said meanwhile').waitFor()
    expect(await page.getByRole('article').count()).toBe(1)
    await page.context().close()
  })

  test('a page that slept while its connection broke brings what was said meanwhile, in order, once', async () => {
    const { running, enter } = house()
    await using line = await lineTo(Number(new URL(running.url).port))
    const room = freshName('asleep')
    const { page } = await enter('alice', `rooms/${room}`, `http://127.0.0.1:${line.port}`)
    await page.getByText('connected').waitFor()
    const bob = await signUp(running, 'bob')
    await using client = await connect(`${running.wsUrl}/api/v1/rooms/${room}/messages/ws`, {
      protocols: [bob.token],
    })
    const say = async (text: string) => {
      client.send({ text })
      await client.next()
    }
    await say('awake')
    await page.getByText('awake', { exact: true }).waitFor()

    // As a browser does with a tab that nobody has looked at for a while, and with all tabs when a lid is closed.
    const session = await page.context().newCDPSession(page)
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    line.cut()
    for (const text of ['asleep 1', 'asleep 2', 'asleep 3']) await say(text)
    line.mend()
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    await page.getByText('asleep 3').waitFor()
    await say('awake again')
    await page.getByText('awake again').waitFor()
    expect(await page.locator('.words').allTextContents()).toEqual([
      'awake',
      'asleep 1',
      'asleep 2',
      'asleep 3',
      'awake again',
    ])
  })
}
