import { fileURLToPath } from 'node:url'
import { makeAdministrator } from '@switchboard/testing/administrator'
import { type LiveChromium, liveChromium, type Page } from '@switchboard/testing/chromium'
import { type Running, start } from '@switchboard/testing/process'
import { tempDir } from '@switchboard/testing/temp'
import { signUp } from '../origin.ts'

const MAIN = fileURLToPath(new URL('../../../standalone/src/main.ts', import.meta.url))

export interface Console extends AsyncDisposable {
  running: Running
  chromium: LiveChromium
  /** Its `DATA_DIR`; nemesis' mails are below `mail`. */
  dataDir: string
  /** A person with an account, logged in, in a browser of his own, at `#/…`. */
  enter(person: string, hash: string, url?: string): Promise<{ page: Page; username: string }>
  /** Somebody without an account. */
  visit(hash: string): Promise<Page>
}

/** A standalone whose nemesis has an administrator, and a browser. */
export async function openConsole(): Promise<Console> {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(await tempDir())
  await makeAdministrator({ DATA_DIR: dir.path })
  // One address makes all accounts and messages here.
  const running = stack.use(await start(MAIN, { DATA_DIR: dir.path, LIMITS: 'off' }))
  const chromium = stack.use(await liveChromium())
  const owned = stack.move()
  return {
    running,
    chromium,
    dataDir: dir.path,
    async enter(person, hash, url = running.url) {
      const { username, token, id } = await signUp(running, person)
      const session = JSON.stringify({ token, user: { id, username } })
      return { page: await chromium.open(`${url}/#/${hash}`, { session: { session } }), username }
    },
    visit: (hash) => chromium.open(`${running.url}/#/${hash}`),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
