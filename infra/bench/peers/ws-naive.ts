/** Rooms on `ws` as a first example writes them: `send` for every member of every message. */
import { createServer } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import { BACKLOG, PORT } from './listen.ts'

const rooms = new Map<string, Set<WebSocket>>()
const server = createServer()
const options = { server, perMessageDeflate: false, clientTracking: false }
new WebSocketServer(options).on('connection', (ws, { url = '/' }) => {
  const members = rooms.get(url) ?? new Set()
  rooms.set(url, members)
  members.add(ws)
  ws.on('message', (data: Buffer) => {
    const text = data.toString()
    for (const member of members) if (member !== ws && member.readyState === WebSocket.OPEN) member.send(text)
  })
  ws.on('close', () => members.delete(ws))
  ws.on('error', () => ws.terminate())
})
server.listen(PORT, '127.0.0.1', BACKLOG)
