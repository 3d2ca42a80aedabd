import type { Page } from '@switchboard/testing/chromium'
import { expect, test } from 'vitest'
import type { Console } from './house.ts'

const rowsOf = (page: Page) =>
  page.getByRole('table', { name: 'Processes' }).getByRole('row').allTextContents()

const PHONE = { width: 375, height: 700 }

/** The page is hidden, and counts how often it looks whether it is. */
const HIDE = `
  window.seen = 'hidden'
  window.looked = 0
  Object.defineProperty(document, 'visibilityState', { get: () => (window.looked++, window.seen) })`
const SHOW = "window.seen = 'visible'"

/** The page that tells of processes. */
export function status(house: () => Console): void {
  test('the status page tells of the process behind each service', async () => {
    const { page } = await house().enter('alice', 'status')
    await page.getByText('One process runs all of it.').waitFor()
    const rows = ['ide', 'chat', 'relay', 'channels', 'nemesis'].map((name) =>
      expect.stringMatching(new RegExp(`^${name}.*ready$`)),
    )
    expect(await rowsOf(page)).toEqual(['ServiceSinceClientsState', ...rows])
  })

  test('the status page says which service has no process, what one misses and what cannot be known, on a phone too', async () => {
    const { page } = await house().enter('bob', 'status')
    const since = Date.now()
    const services = {
      ide: [{ id: 'a', since, missing: [], connections: 12 }],
      chat: [
        { id: 'b', since: 0, missing: [], connections: 34 },
        { id: 'c', since, missing: ['database', 'bus'], connections: 0 },
      ],
      relay: [],
      'x<b>y': [{ id: 'd', since, missing: ['<img src=x>'] }],
    }
    const path = '**/api/v1/processes'
    await page.route(path, (route) => route.fulfill({ json: { error: null, data: { services } } }))
    await page.reload()
    await page.getByText('4 processes.').waitFor()
    expect(await rowsOf(page)).toEqual([
      'ServiceSinceClientsState',
      expect.stringMatching(/^ide.*12ready$/),
      expect.stringMatching(/^chat.*34ready$/),
      expect.stringMatching(/M0does not reach database, bus$/),
      'relaynone runs',
      expect.stringMatching(/^x<b>y.*–does not reach <img src=x>$/),
    ])
    await page.setViewportSize(PHONE)
    expect(await page.evaluate('document.querySelector("main").scrollWidth')).toBe(PHONE.width)
    await page.unroute(path)
    await page.route(path, (route) => route.fulfill({ json: { error: null, data: { services: [] } } }))
    await page.reload()
    await page.getByRole('alert').getByText('cannot be understood').waitFor()
  })

  test('the status page asks again and again, but not while nobody looks', async () => {
    const { page } = await house().enter('carol', 'status')
    await page.clock.install()
    let asked = 0
    await page.route('**/api/v1/processes', (route) => {
      asked++
      return route.continue()
    })
    await page.reload()
    /** Lets the page's time go on until it is so. */
    const goOn = (until: () => Promise<boolean>) =>
      expect.poll(() => page.clock.fastForward(5_000).then(until), { interval: 20 }).toBe(true)
    const asksAgain = async () => {
      const before = asked
      await goOn(async () => asked > before + 1)
    }
    await asksAgain()
    await page.evaluate(HIDE)
    const looked = (times: number) => goOn(() => page.evaluate<boolean>(`window.looked > ${times}`))
    await looked(5)
    const before = asked
    await looked(10)
    expect(asked).toBe(before)
    await page.evaluate(SHOW)
    await asksAgain()
  })
}
