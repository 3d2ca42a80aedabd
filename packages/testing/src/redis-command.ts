import { once } from 'node:events'
import { connect } from 'node:net'

/** Sends one command, words parted by spaces, and answers Redis' first reply as it came. */
export async function redisCommand(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  try {
    socket.write(`${command}\r\n`)
    const [data] = (await once(socket, 'data')) as [Buffer]
    return data.toString()
  } finally {
    socket.destroy()
  }
}
