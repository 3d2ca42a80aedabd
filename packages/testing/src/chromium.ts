import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'
import { findServer } from './servers.ts'

export type { Locator, Page } from 'playwright-core'

export interface OpenOptions extends BrowserContextOptions {
  /** What the page's `sessionStorage` holds when it is first opened. */
  session?: Readonly<Record<string, string>>
}

/** Runs before the scripts of each page, the empty one too; a reload keeps the name that tells it. */
const fillSession = (session: Readonly<Record<string, string>>): string => `
  if (location.origin !== 'null' && window.name !== 'filled') {
    window.name = 'filled'
    Object.assign(sessionStorage, ${JSON.stringify(session)})
  }`

/** Debian's Chromium, headless, for one test file. */
export interface LiveChromium extends AsyncDisposable {
  /** A page of somebody else's: no storage, no cookie in common with the pages before. */
  open(url: string, options?: OpenOptions): Promise<Page>
  /** Ends all pages that are open. */
  closePages(): Promise<void>
  /** What pages complained of until now: errors on their consoles, uncaught ones, breaches of their policies. */
  readonly complaints: readonly string[]
  /** Addresses that pages asked for until now. */
  readonly requested: readonly string[]
}

/** Chromium's sandbox refuses to run for root; these pages are our own. */
const flags = (): string[] => (process.getuid?.() === 0 ? ['--no-sandbox'] : [])

export async function liveChromium(): Promise<LiveChromium> {
  const executablePath = findServer('chromium')
  if (!executablePath) throw new Error('chromium is not installed')
  const browser: Browser = await chromium.launch({ executablePath, args: flags() })
  const complaints: string[] = []
  const requested: string[] = []

  function listen(context: BrowserContext): void {
    context.on('request', (request) => requested.push(request.url()))
    context.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`${message.text()} (${message.location().url})`)
    })
    context.on('weberror', (error) => complaints.push(`${error.error().stack}`))
  }
  return {
    complaints,
    requested,
    async open(url, { session, ...options } = {}) {
      const context = await browser.newContext(options)
      if (session) await context.addInitScript(fillSession(session))
      listen(context)
      const page = await context.newPage()
      await page.goto(url)
      return page
    },
    async closePages() {
      await Promise.all(browser.contexts().map((context) => context.close()))
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}
