import { once } from 'node:events'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { Client } from 'ldapts'
import { DirectoryAway } from './errors.ts'

export interface Server {
  url: string
  startTls: boolean
  ca: string | undefined
}

const START_TLS = '1.3.6.1.4.1.1466.20037'
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'ldap:': 389, 'ldaps:': 636 }

/** Often enough that what lies between takes the connection for used, in milliseconds. */
const KEEP_ALIVE_MS = 30_000

/**
 * An ldapts client of this very socket. Left alone it would connect anew when the connection is lost, and go on without
 * bind and without TLS.
 */
export function clientOf(socket: Socket): Client {
  let taken = false
  const createConnection = () => {
    if (taken || socket.readyState !== 'open') throw new DirectoryAway('the connection broke')
    taken = true
    return socket
  }
  return new Client({ url: 'ldap://directory', createConnection: createConnection as typeof connectTcp })
}

/** Says over the open connection that TLS comes next (RFC 4511 §4.14). What came before it is not read as coming after. */
async function askForTls(socket: Socket): Promise<void> {
  await clientOf(socket).exop(START_TLS)
  for (const event of ['data', 'error', 'close', 'timeout']) socket.removeAllListeners(event)
}

/** An IP address is no server name (RFC 6066 §3), but its certificate names it. */
const tlsOptions = (host: string, ca: string | undefined): ConnectionOptions => ({
  host,
  ...(isIP(host) ? {} : { servername: host }),
  ...(ca === undefined ? {} : { ca }),
})

async function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<void> {
  await once(socket, event, { signal })
  // Whoever uses it next learns of an error by its end.
  socket.on('error', () => {})
}

/**
 * A connection, encrypted where the server is asked to, to a server whose certificate is good.
 * @param signal ends the attempt
 */
export async function connect({ url, startTls, ca }: Server, signal: AbortSignal): Promise<Socket> {
  const { protocol, hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const address = { host, port: Number(port) || DEFAULT_PORTS[protocol] || 0 }
  const isTls = protocol === 'ldaps:'
  let socket: Socket = isTls ? connectTls({ ...address, ...tlsOptions(host, ca) }) : connectTcp(address)
  const destroy = () => socket.destroy()
  signal.addEventListener('abort', destroy)
  try {
    await opened(socket, isTls ? 'secureConnect' : 'connect', signal)
    if (startTls) {
      await askForTls(socket)
      socket = connectTls({ ...tlsOptions(host, ca), socket })
      await opened(socket, 'secureConnect', signal)
    }
    signal.throwIfAborted()
    return socket.setKeepAlive(true, KEEP_ALIVE_MS).setNoDelay(true)
  } catch (error) {
    socket.on('error', () => {}).destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', destroy)
  }
}
