import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'
import { findServer } from './servers.ts'

export type { Page } from 'playwright-core'

/** Debian's Chromium, headless, for one test file. */
export interface LiveChromium extends AsyncDisposable {
  /** A page of somebody else's: no storage, no cookie in common with the pages before. */
  open(url: string, options?: BrowserContextOptions): Promise<Page>
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
    async open(url, options) {
      const context = await browser.newContext(options)
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
