import { fileURLToPath } from 'node:url'

/** Where `generate` puts the page: `index.html`, `assets/`, and beside each larger file the same as `.gz`. */
export const FOLDER = fileURLToPath(new URL('../dist', import.meta.url))

/** The page's paths, as a client writes them: `/`, and files of `/assets/`, which has no folders. */
export const PATHS = { page: '/', asset: '/assets/[\\w-]+(?:\\.[\\w-]+)+' } as const

const IS_CONSOLE = new RegExp(`^(?:${PATHS.page}|${PATHS.asset})(?:\\?|$)`)

/** Whether `url`, a path with or without a query, is the console's. */
export const isConsole = (url: string): boolean => IS_CONSOLE.test(url)

/** `'self'` of `connect-src` covers WebSockets of the same origin (CSP Level 3). */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
]

/** Of each answer. */
export const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': POLICY.join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** An asset's name holds the hash of what is in it; the page is asked for again each time. */
export const CACHE = { page: 'no-cache', asset: 'public, max-age=31536000, immutable' } as const
