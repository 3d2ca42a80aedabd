/** Where Redis or Valkey is: one server, a master that Sentinels name, or a Cluster. */
export type RedisPlace = Credentials &
  (
    | { kind: 'single'; host: string; port: number; tls: boolean; db: number }
    | { kind: 'sentinel'; nodes: Node[]; name: string; db: number }
    | { kind: 'cluster'; nodes: Node[] }
  )

interface Credentials {
  username?: string
  password?: string
}

interface Node {
  host: string
  port: number
}

export const REDIS_URL_FORMS =
  'redis://[user:password@]host[:port][/db], rediss:// (TLS), redis-sentinel://[user:password@]host:port,host:port/master[/db] or redis-cluster://[user:password@]host:port,host:port'

const PARTS = /^(redis|rediss|redis-sentinel|redis-cluster):\/\/(?:([^@/?#]*)@)?([^@/?#]+)(\/[^?#]*)?$/
const REDIS_PORT = 6379
const SENTINEL_PORT = 26379

/** `undefined` for anything but `host`, `host:port`, or the same with an IPv6 address in brackets. */
function parseNode(text: string, port: number): Node | undefined {
  if (!/^(\[[0-9a-f:.]+\]|[\w.-]+)(:\d+)?$/i.test(text) || !URL.canParse(`redis://${text}`)) return undefined
  const url = new URL(`redis://${text}`)
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? port : Number(url.port) }
}

function parseNodes(text: string, port: number): Node[] | undefined {
  const nodes = text.split(',').map((one) => parseNode(one.trim(), port))
  return nodes.every((node) => node !== undefined) ? nodes : undefined
}

/** `user:password` or `:password`, percent-encoded as in any URL. */
function parseCredentials(text: string | undefined): Credentials | undefined {
  if (text === undefined) return {}
  const [user = '', ...rest] = text.split(':')
  try {
    const username = decodeURIComponent(user)
    const password = decodeURIComponent(rest.join(':'))
    return { ...(username && { username }), ...(password && { password }) }
  } catch {
    return undefined
  }
}

function parseDb(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return 0
  return /^\d{1,5}$/.test(text) ? Number(text) : undefined
}

/** `undefined` for what is none of {@link REDIS_URL_FORMS}. */
export function parseRedisUrl(url: string): RedisPlace | undefined {
  const [, scheme, userinfo, hosts = '', path = ''] = PARTS.exec(url) ?? []
  const credentials = parseCredentials(userinfo)
  const nodes = parseNodes(hosts, scheme === 'redis-sentinel' ? SENTINEL_PORT : REDIS_PORT)
  const [first, second, ...more] = path.split('/').slice(1)
  if (!credentials || !nodes?.[0] || more.length > 0) return undefined
  if (scheme === 'redis-cluster') return first ? undefined : { kind: 'cluster', nodes, ...credentials }
  const db = parseDb(scheme === 'redis-sentinel' ? second : first)
  if (db === undefined) return undefined
  if (scheme === 'redis-sentinel')
    return first ? { kind: 'sentinel', nodes, name: first, db, ...credentials } : undefined
  if (nodes.length > 1 || second !== undefined) return undefined
  return { kind: 'single', ...nodes[0], tls: scheme === 'rediss', db, ...credentials }
}
