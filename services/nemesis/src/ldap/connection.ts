import type { Socket } from 'node:net'
import { type Client, ResultCodeError } from 'ldapts'
import type { LdapConfig } from './config.ts'
import { clientOf, connect, type Server } from './connect.ts'
import { DirectoryAway, RESULT } from './errors.ts'

/** One connection. What is lost stays lost: another one is opened instead. */
export interface Connection {
  client: Client
  isOpen(): boolean
  close(): void
}

/** Opens connections of one kind. @throws DirectoryAway where none can be had */
export type Open = (signal: AbortSignal) => Promise<Connection>

type Bind = (client: Client) => Promise<void>

/** Milliseconds for one server to take a connection: TCP, TLS and the bind. */
const CONNECT_TIMEOUT_MS = 2_000

function connectionOf(socket: Socket): Connection {
  return {
    client: clientOf(socket),
    isOpen: () => socket.readyState === 'open',
    close: () => void socket.destroy(),
  }
}

/** Certificates that are not to be trusted, by OpenSSL's names and Node's. */
const BAD_CERTIFICATE = /CERT|SIGNATURE|ALTNAME/

/** Without what the server said: codes only, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`. */
function away(error: unknown, signal: AbortSignal): DirectoryAway {
  if (error instanceof DirectoryAway) return error
  if (signal.aborted) return new DirectoryAway('no connection in time')
  if (error instanceof ResultCodeError) {
    const lasting = error.code !== RESULT.busy && error.code !== RESULT.unavailable
    const said = `result code ${error.code} to LDAP_MANAGER_DN and its password, or to StartTLS`
    return new DirectoryAway(said, { lasting })
  }
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined) return new DirectoryAway('the connection broke')
  return new DirectoryAway(code, { lasting: BAD_CERTIFICATE.test(code) })
}

/** @param signal ends what is under way */
async function openAt(server: Server, bind: Bind, signal: AbortSignal): Promise<Connection> {
  const socket = await connect(server, signal)
  const connection = connectionOf(socket)
  signal.addEventListener('abort', connection.close)
  try {
    await bind(connection.client)
    return connection
  } catch (error) {
    connection.close()
    throw error
  } finally {
    signal.removeEventListener('abort', connection.close)
  }
}

/**
 * Opens connections to the first server that answers, beginning with the one that did last.
 * @param bind done at each new connection
 */
export function opener(
  { urls, startTls, ca }: Pick<LdapConfig, 'urls' | 'startTls' | 'ca'>,
  bind: Bind = async () => {},
): Open {
  let order: readonly string[] = urls

  return async (signal) => {
    let failure = new DirectoryAway('no connection in time')
    for (const url of order) {
      const ended = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_TIMEOUT_MS)])
      try {
        const connection = await openAt({ url, startTls, ca }, bind, ended)
        order = [url, ...order.filter((other) => other !== url)]
        return connection
      } catch (error) {
        failure = away(error, ended)
        if (signal.aborted) break
      }
    }
    throw failure
  }
}
