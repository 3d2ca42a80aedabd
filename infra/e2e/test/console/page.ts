import type { Page } from '@switchboard/testing/chromium'
import { expect, test } from 'vitest'
import type { Console } from './house.ts'

const FIRST_LOAD_MAX_BYTES = 120_000

/** How the page comes, and what it is without anybody. */
export function page(house: () => Console): void {
  test('comes with a strict policy; what it loads may be kept for ever, the page itself is asked for again', async () => {
    const { url } = house().running
    const page = await fetch(`${url}/`)
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(page.headers.get('cache-control')).toBe('no-cache')
    const again = await fetch(`${url}/`, {
      headers: { 'if-none-match': page.headers.get('etag') ?? '', 'cache-control': 'max-age=0' },
    })
    expect(again.status).toBe(304)
    const [asset] = /\/assets\/[\w.-]+\.js/.exec(await page.text()) ?? []
    const script = await fetch(url + asset)
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(script.headers.get('content-security-policy')).toBe(page.headers.get('content-security-policy'))
  })

  test.each([
    '/index.html',
    '/assets',
    '/assets/',
    '/assets/../index.html',
    '/assets/nothing.js',
    '/package.json',
  ])('%s is nobody’s', async (path) => {
    const answer = await fetch(house().running.url + path)
    expect(answer.status).toBe(404)
    expect(await answer.json()).toEqual({ error: 'no service answers at this path' })
  })

  test(`its first load is under ${FIRST_LOAD_MAX_BYTES / 1000} kB, compressed`, async () => {
    const { chromium, running, visit } = house()
    const before = chromium.requested.length
    const page = await visit('rooms')
    await page.getByRole('button', { name: 'Enter' }).waitFor()
    const urls = new Set(chromium.requested.slice(before).map((url) => url.replace(/#.*/, '')))
    const sizes = await Promise.all(
      [...urls].map(async (url) => {
        const { headers } = await fetch(url, { method: 'HEAD', headers: { 'accept-encoding': 'gzip' } })
        return Number(headers.get('content-length'))
      }),
    )
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    const paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    const ms = Math.round(await page.evaluate<number>(paint))
    console.log(`console: ${bytes} bytes in ${urls.size} files, compressed; something is seen after ${ms} ms`)
    expect(urls.size).toBeGreaterThan(3)
    expect(bytes).toBeGreaterThan(5_000)
    expect(bytes).toBeLessThan(FIRST_LOAD_MAX_BYTES)
    expect(running.url).toBe(new URL(page.url()).origin)
  })

  test('the status page says which services answer, to guests and to people', async () => {
    const { enter, visit } = house()
    const rows = (page: Page) =>
      page.getByRole('table', { name: 'Services' }).getByRole('row').allTextContents()
    const guest = await visit('status')
    await expect
      .poll(() => rows(guest))
      .toEqual([expect.stringMatching(/^nemesisanswers in \d+ ms, revision [0-9a-f]{12}$/)])
    const { page } = await enter('alice', 'status')
    await expect
      .poll(() => rows(page))
      .toEqual(
        ['chat', 'ide', 'nemesis', 'presence'].map((name) => expect.stringMatching(`^${name}answers in`)),
      )
  })

  test('a part that cannot be fetched, as after an update of the server, says so and offers another try', async () => {
    const page = await house().visit('')
    await page.route('**/assets/relay-*', (route) => route.fulfill({ status: 404 }))
    await page.getByRole('navigation').getByRole('link', { name: 'Relay' }).click()
    await page.getByText('This part of the page could not be fetched.').waitFor()
    await page.unroute('**/assets/relay-*')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('button', { name: 'Make an address' }).waitFor()
  })
}
