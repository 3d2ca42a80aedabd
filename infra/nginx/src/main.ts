/** `node main.ts [options] > nginx.conf`: see USAGE. */
import { parseArgs } from 'node:util'
import { SERVICES, type Service } from '@switchboard/protocol/gateway'
import { renderNginx } from './render.ts'
import { SERVICE_NAMES } from './routing.ts'

const USAGE = `Writes the configuration of nginx as Switchboard's gateway to standard output.

  --listen [ADDRESS:]PORT       8080 unless told
  --folder FOLDER               what it may write to: its pid, bodies that are large; /tmp unless told
  --access-log FILE             access.log in the folder unless told
  --upstream SERVICE=HOST:PORT  one for each process; a service that is not named is at SERVICE and its own port
  --console FOLDER              serves what packages/console is built to at /; nobody answers there unless told
  --resolver ADDRESS            asks this DNS server for the upstreams' names again and again, so that they may change
  --trusted-proxy CIDR          a proxy in front whose X-Forwarded-For and -Proto are believed; more than one may be given
  --logins off | RATE/BURST     requests a second, and at once, that one address may make to log-in paths; 10/200 unless told
`

class UsageError extends Error {}

function readUpstreams(given: readonly string[]): Record<Service, string[]> {
  const upstreams = Object.fromEntries(SERVICE_NAMES.map((name) => [name, []])) as unknown as Record<
    Service,
    string[]
  >
  for (const one of given) {
    const [, service = '', address = ''] = /^(\w+)=([\w.:[\]-]+:\d+)$/.exec(one) ?? []
    if (!Object.hasOwn(upstreams, service))
      throw new UsageError(`--upstream takes SERVICE=HOST:PORT, not ${one}`)
    upstreams[service as Service].push(address)
  }
  for (const name of SERVICE_NAMES)
    if (upstreams[name].length === 0) upstreams[name] = [`${name}:${SERVICES[name]}`]
  return upstreams
}

function readLogins(given: string | undefined) {
  if (given === undefined) return {}
  if (given === 'off') return { logins: given } as const
  const [, perSecond, burst] = /^(\d+)\/(\d+)$/.exec(given) ?? []
  if (perSecond === undefined) throw new UsageError(`--logins takes off or RATE/BURST, not ${given}`)
  return { logins: { perSecond: Number(perSecond), burst: Number(burst) } }
}

function render(args: string[]): string {
  const { values } = parseArgs({
    args,
    options: {
      listen: { type: 'string', default: '8080' },
      folder: { type: 'string', default: '/tmp' },
      'access-log': { type: 'string' },
      upstream: { type: 'string', multiple: true, default: [] },
      console: { type: 'string' },
      resolver: { type: 'string' },
      'trusted-proxy': { type: 'string', multiple: true, default: [] },
      logins: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return USAGE
  return renderNginx({
    listen: values.listen,
    folder: values.folder,
    accessLog: values['access-log'],
    upstreams: readUpstreams(values.upstream),
    console: values.console,
    resolver: values.resolver,
    trustedProxies: values['trusted-proxy'],
    ...readLogins(values.logins),
  })
}

try {
  process.stdout.write(render(process.argv.slice(2)))
} catch (error) {
  console.error(`${(error as Error).message}\n\n${USAGE}`)
  process.exitCode = 1
}
