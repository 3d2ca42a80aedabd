import { parseArgs } from 'node:util'

/** What the command line asked for. */
export interface Options {
  /** Where requests go: `http://localhost:3000`, or with a path that theirs are put behind. */
  target: URL
  /** The Switchboard that relays. */
  server: URL
  /** Headers and bodies are shown. */
  inspect: boolean
  /** A URL of its own, which is not kept. */
  new: boolean
}

/** What was typed cannot be meant; the message is one line for a person. */
export class UsageError extends Error {}

const DEFAULT_SERVER = 'http://127.0.0.1:8080'

export const HELP = `Usage: relay [options] <port or URL>

Gives a public URL and forwards what comes to it to a server on this machine: to
a port, or to a URL, whose path is put before the path of each request.

  --server <URL>  the Switchboard that relays (SWITCHBOARD_URL, else
                  ${DEFAULT_SERVER})
  --inspect       show headers and bodies of requests and answers
  --new           a URL of its own, forgotten at the end; for a second relay
  --help          this

The URL stays the same from run to run, as long as it is used once a day. What
arrives while nothing runs here waits. Whoever has the URL reaches the server.

  relay 3000
  relay --inspect http://localhost:3000/webhooks
`

const LARGEST_PORT = 65_535

function parseUrl(text: string, what: string): URL {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (!url || !/^https?:$/.test(url.protocol)) throw new UsageError(`${what} is no http URL: ${text}`)
  if (url.search || url.hash || url.username || url.password)
    throw new UsageError(`${what} takes a host and a path only`)
  return url
}

function parseTarget(text: string): URL {
  if (!/^\d+$/.test(text)) return parseUrl(text, 'the target')
  const port = Number(text)
  if (port < 1 || port > LARGEST_PORT) throw new UsageError(`there is no port ${text}`)
  return new URL(`http://localhost:${port}`)
}

const CHOICES = {
  server: { type: 'string' },
  inspect: { type: 'boolean', default: false },
  new: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: CHOICES, allowPositionals: true })
  } catch (error) {
    // Node explains in further lines what to do about it.
    throw new UsageError(String((error as Error).message).split(/\.\s|\n/)[0])
  }
}

/** `help` where that was asked for. @throws UsageError */
export function parseOptions(
  args: string[],
  env: Readonly<Record<string, string | undefined>>,
): Options | 'help' {
  const { values, positionals } = parse(args)
  if (values.help) return 'help'
  const [target, ...more] = positionals
  if (target === undefined) throw new UsageError('which port or URL do requests go to?')
  if (more.length > 0) throw new UsageError('requests go to one port or URL')
  return {
    target: parseTarget(target),
    server: parseUrl(values.server ?? (env['SWITCHBOARD_URL'] || DEFAULT_SERVER), '--server'),
    inspect: values.inspect,
    new: values.new,
  }
}
