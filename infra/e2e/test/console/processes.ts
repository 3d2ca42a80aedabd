import { type LiveChromium, liveChromium, type Page } from '@switchboard/testing/chromium'
import { findServer } from '@switchboard/testing/servers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Installation } from '../installation.ts'
import { freshName, signUp } from '../origin.ts'

/** What the browser notes: that nobody was in a room before, and that a connection broke. */
const isExpected = (complaint: string) =>
  /status of 404 .*\/api\/v1\/rooms\/|net::ERR_(?!BLOCKED)/.test(complaint)

const isConnected = (page: Page) => page.getByText('connected', { exact: true }).waitFor()

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Say something').fill(text)
  await page.keyboard.press('Enter')
}

/** The page, over two processes of each service behind nginx. */
export function consoleOverProcesses(house: () => Installation): void {
  describe.skipIf(findServer('chromium') === undefined)('the console', () => {
    let chromium: LiveChromium

    beforeAll(async () => {
      chromium = await liveChromium()
    })
    afterEach(() => chromium.closePages())
    afterAll(() => chromium?.[Symbol.asyncDispose]())

    async function enter(prefix: string, hash: string): Promise<{ page: Page; username: string }> {
      const { username, token, id } = await signUp(house(), prefix)
      const session = JSON.stringify({ token, user: { id, username } })
      return { page: await chromium.open(`${house().url}/#/${hash}`, { session: { session } }), username }
    }

    /** How many connections each process of a service has. */
    const connections = (service: 'chat' | 'ide'): Promise<number[]> =>
      Promise.all(
        house().members[service].map(async ({ port }) => {
          const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
          return Number(new RegExp(`^${service}_connections (\\d+)$`, 'm').exec(metrics)?.[1])
        }),
      )

    /** Two people at a place of a service's, each connected to another process; the number of the first one's. */
    async function apart(service: 'chat' | 'ide', hash: string) {
      await expect.poll(() => connections(service)).toEqual([0, 0])
      const alice = await enter('alice', hash)
      await isConnected(alice.page)
      const counts = await connections(service)
      expect(counts.toSorted()).toEqual([0, 1])
      const bob = await enter('bob', hash)
      // nginx takes the process with fewer connections; one that answers something at that moment counts for more.
      for (await isConnected(bob.page); (await connections(service)).includes(0); await isConnected(bob.page))
        await bob.page.reload()
      return { alice, bob, at: counts.indexOf(1) }
    }

    test('two people at different processes talk, and one goes on when that process is killed', async () => {
      const { alice, bob, at } = await apart('chat', `rooms/${freshName('lobby')}`)
      await say(alice.page, 'hello bob')
      await bob.page.getByText('hello bob').waitFor()
      await say(bob.page, 'hello alice')
      await alice.page.getByText('hello alice').waitFor()

      const process = house().members.chat[at]
      await process?.stop('SIGKILL')
      await say(bob.page, 'are you there?')
      await alice.page.getByText('are you there?').waitFor()
      await isConnected(alice.page)
      await say(alice.page, 'again')
      await bob.page.getByText('again', { exact: true }).waitFor()
      for (const { page } of [alice, bob])
        expect(await page.locator('.words').allTextContents()).toEqual([
          'hello bob',
          'hello alice',
          'are you there?',
          'again',
        ])
      await process?.start()
    })

    test('two people at different processes of ide connect directly and write one text', async () => {
      const { alice, bob } = await apart('ide', `spaces/${freshName('space')}`)
      await alice.page.getByText(`${bob.username} directly connected`).waitFor()
      await bob.page.getByText(`${alice.username} directly connected`).waitFor()
      await alice.page.getByLabel('Shared text').fill('<b>one</b>')
      const theirs = bob.page.getByLabel('Shared text')
      await expect.poll(() => theirs.inputValue()).toBe('<b>one</b>')
    })

    test('a webhook is seen as it comes, whichever process it comes to', async () => {
      const page = await chromium.open(`${house().url}/#/relay`)
      await page.getByRole('button', { name: 'Make an address' }).click()
      await isConnected(page)
      const { pathname } = new URL((await page.locator('code').textContent()) ?? '')
      for (const [number, { port }] of house().members.relay.entries()) {
        const answer = await fetch(`http://127.0.0.1:${port}${pathname}/at/${number}`, { method: 'POST' })
        expect([answer.status, answer.headers.get('x-relay-delivery')]).toEqual([200, 'delivered'])
        await page.getByRole('list', { name: 'Requests' }).getByText(`POST /at/${number}`).waitFor()
      }
    })

    // Last: it looks at all that the tests above did.
    test('no page breached its policy, complained, or asked anybody else', () => {
      expect(chromium.complaints.filter((one) => !isExpected(one))).toEqual([])
      expect(chromium.requested.length).toBeGreaterThan(0)
      expect(chromium.requested.filter((url) => !url.startsWith(`${house().url}/`))).toEqual([])
    })
  })
}
