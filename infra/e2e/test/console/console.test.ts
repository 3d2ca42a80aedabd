import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from '@switchboard/testing/chromium'
import { lineTo } from '@switchboard/testing/line'
import { findServer } from '@switchboard/testing/servers'
import { connect } from '@switchboard/testing/socket'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshName, postJson, signUp } from '../origin.ts'
import { type Console, openConsole } from './house.ts'

const FIRST_LOAD_MAX_BYTES = 120_000

/**
 * The browser notes each answer that refuses, of a room that nobody was ever in and of a wrong password, and each
 * connection that was cut.
 */
const isExpected = (complaint: string) =>
  /status of (404 .*\/api\/v1\/rooms\/[^/]+|401 .*\/api\/v1\/login)\)$|net::ERR_(CONNECTION|EMPTY)/.test(
    complaint,
  )

describe.skipIf(findServer('chromium') === undefined)('the console', () => {
  let console_: Console

  beforeAll(async () => {
    console_ = await openConsole()
  })
  afterAll(async () => {
    const { chromium } = console_
    const { complaints, requested } = chromium
    await console_[Symbol.asyncDispose]()
    expect(complaints.filter((one) => !isExpected(one))).toEqual([])
    expect(requested.filter((url) => !url.startsWith('http://127.0.0.1:'))).toEqual([])
  })

  test('comes with a strict policy; what it loads may be kept for ever, the page itself is asked for again', async () => {
    const { url } = console_.running
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
    const answer = await fetch(console_.running.url + path)
    expect(answer.status).toBe(404)
    expect(await answer.json()).toEqual({ error: 'no service answers at this path' })
  })

  test(`its first load is under ${FIRST_LOAD_MAX_BYTES / 1000} kB, compressed`, async () => {
    const { chromium, running, visit } = console_
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
    console.log(`console: ${bytes} bytes in ${urls.size} files, with the chat page, compressed`)
    expect(urls.size).toBeGreaterThan(3)
    expect(bytes).toBeGreaterThan(5_000)
    expect(bytes).toBeLessThan(FIRST_LOAD_MAX_BYTES)
    expect(running.url).toBe(new URL(page.url()).origin)
  })

  test('two people sign up and talk, both ways, and a guest reads along', async () => {
    const { enter, visit, chromium, running } = console_
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

  test('a reload keeps who is logged in, a log-out ends it everywhere', async () => {
    const { enter, running } = console_
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
    const page = await console_.chromium.open(`${console_.running.url}/#/account`)
    const { username } = await signUp(console_.running, 'dan')
    await page.getByLabel('Name').fill(username)
    await page.getByLabel('Password').fill('not it')
    await page.getByRole('button', { name: 'Log in', exact: true }).click()
    expect(await page.getByRole('alert').textContent()).toBe('The password is wrong.')
  })

  test('what people say is text: no markup, no text turned around, nothing hidden, no page made wide', async () => {
    const { running, visit } = console_
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
    const { visit } = console_
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
    const page = await console_.visit('channels')
    await page.getByLabel('Nickname').fill('2 bob')
    await page.getByRole('button', { name: 'Connect' }).click()
    await expect.poll(() => page.getByRole('alert').textContent()).toBe('This cannot be a nickname.')
  })

  test('a webhook is seen as it comes, is copied as a command that sends it again, and is sent again', async () => {
    const { chromium, running } = console_
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

  test('two people in a space connect directly and write one text, both at once', async () => {
    const { enter } = console_
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
    await theirs.fill((await theirs.inputValue()).replace('😀', '😁'))
    for (const box of [text, theirs])
      await expect.poll(() => box.inputValue()).toBe('<b>zero</b> one 😁 two three')
    await bob.page.context().close()
    await expect
      .poll(() => alice.page.getByRole('list', { name: 'Who is there' }).textContent())
      .toBe(alice.username)
  })

  test('a team leader sees the college, and registers somebody', async () => {
    const page = await console_.visit('college')
    await page.getByLabel('Name').fill('teacher_coll1')
    await page.getByLabel('Password').fill('facebees')
    await page.getByRole('button', { name: 'Log in', exact: true }).click()
    await page.getByRole('heading', { name: 'college the first' }).waitFor()
    const people = page.getByRole('table', { name: 'People' }).getByRole('row')
    expect(await people.count()).toBe(1 + 3)
    expect(await people.last().textContent()).toContain('teacher_coll1')
    await page.getByLabel('First name').fill('<i>Ada</i>')
    await page.getByLabel('Last name').fill('L')
    await page.getByLabel('E-mail').fill('ada@example.org')
    await page.getByRole('button', { name: 'Register' }).click()
    const waiting = page.getByRole('table', { name: 'Registrations' }).getByRole('row').last()
    await expect.poll(() => waiting.textContent()).toBe('<i>Ada</i> Lada@example.orgteam-ABCwaiting')
  })

  test('where somebody is, in all services, is told as it changes, and leads there', async () => {
    const { enter, running } = console_
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
    const { enter, running } = console_
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

  test('the status page says which services answer, to guests and to people', async () => {
    const { enter, visit } = console_
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

  test.each(['<html>garbage', '{"error":null,"data":{"token":7}}'])(
    'a server that answers %s is told of in words',
    async (body) => {
      const page = await console_.visit('account')
      await page.route('**/api/v1/login', (route) => route.fulfill({ status: 200, body }))
      await page.getByLabel('Name').fill('alice')
      await page.getByLabel('Password').fill('x')
      await page.getByRole('button', { name: 'Log in', exact: true }).click()
      expect(await page.getByRole('alert').textContent()).toBe(
        'The server says something that cannot be understood.',
      )
    },
  )

  test('a server that is away is told of in words; what was said meanwhile is there when it is back', async () => {
    const { enter, running } = console_
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

  test('ten thousand messages are a few dozen elements, and both ends can be reached', async () => {
    const { running, visit } = console_
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
  })
})
