/** Rooms on `ws`: a message is framed once, what a turn of the event loop brought is written once to each member. */
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { BACKLOG, PORT } from './listen.ts'

interface Member {
  ws: WebSocket
  socket: Duplex
}

interface Waiting {
  from: Member
  frame: Buffer
}

interface Room {
  members: Set<Member>
  waiting: Waiting[]
}

const rooms = new Map<string, Room>()

/** A text frame; messages here are shorter than 64 KiB. */
function frameOf(payload: Buffer): Buffer {
  const { length } = payload
  const header = length < 126 ? [0x81, length] : [0x81, 126, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(header), payload])
}

const joined = (waiting: Waiting[]): Buffer => Buffer.concat(waiting.map(({ frame }) => frame))

function flush(room: Room): void {
  const { members, waiting } = room
  room.waiting = []
  const all = joined(waiting)
  const senders = new Set(waiting.map(({ from }) => from))
  for (const member of members) {
    if (member.ws.readyState !== WebSocket.OPEN) continue
    const bytes = senders.has(member) ? joined(waiting.filter(({ from }) => from !== member)) : all
    if (bytes.length > 0) member.socket.write(bytes)
  }
}

const server = createServer()
const options = { server, perMessageDeflate: false, clientTracking: false }
new WebSocketServer(options).on('connection', (ws, { url = '/', socket }) => {
  const room = rooms.get(url) ?? { members: new Set(), waiting: [] }
  rooms.set(url, room)
  const member: Member = { ws, socket }
  room.members.add(member)
  ws.on('message', (data: Buffer) => {
    if (room.waiting.length === 0) setImmediate(flush, room)
    room.waiting.push({ from: member, frame: frameOf(data) })
  })
  ws.on('close', () => room.members.delete(member))
  ws.on('error', () => ws.terminate())
})
server.listen(PORT, '127.0.0.1', BACKLOG)
