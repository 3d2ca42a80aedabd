import { join } from 'node:path'
import type { LiveChromium } from '@switchboard/testing/chromium'
import { rolldown } from 'rolldown'

/** No eval, nothing inline, nothing from elsewhere. */
const POLICY = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'"
const BASE = '/samples'
const END = 'that was all'

/** A compiled program of the project with all that it imports, as a page would load it. */
async function bundle(folder: string, program: string): Promise<string> {
  const build = await rolldown({ input: join(folder, program), cwd: folder, platform: 'browser' })
  const { output } = await build.generate({ format: 'esm', minify: true, codeSplitting: false })
  await build.close()
  return `${output[0].code}\nconsole.log('${END}')\n`
}

/**
 * Runs a program in a page of the Switchboard at `url`, or in a worker of such a page, and answers what it printed. The page
 * itself comes from here, under a strict policy; everything else from the Switchboard.
 */
export async function outputInChromium(
  chromium: LiveChromium,
  url: string,
  { folder, program, inWorker = false }: { folder: string; program: string; inWorker?: boolean },
): Promise<string[]> {
  const files: Record<string, [type: string, body: string]> = {
    'page.html': ['text/html', `<script type="module" src="${inWorker ? 'start' : 'program'}.js"></script>`],
    'start.js': ['text/javascript', `new Worker('${BASE}/program.js', { type: 'module' })`],
    'program.js': ['text/javascript', await bundle(folder, program)],
  }
  // What was put under the Switchboard's address did not come from this machine, to Chromium.
  const page = await chromium.open('about:blank', { permissions: ['local-network-access'] })
  await page.context().route(`${url}${BASE}/*`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(BASE.length + 1)
    const [contentType, body] = files[name] ?? ['text/plain', '']
    return route.fulfill({ contentType, body, headers: { 'content-security-policy': POLICY } })
  })
  const printed: string[] = []
  const ended = page.waitForEvent('console', {
    predicate: (message) => message.text() === END || !printed.push(message.text()),
    timeout: 20_000,
  })
  await page.goto(`${url}${BASE}/page.html`)
  await ended.catch((cause: unknown) => {
    throw new Error(`${program} did not end: ${[...printed, ...chromium.complaints].join('\n')}`, { cause })
  })
  await page.context().close()
  return printed
}
