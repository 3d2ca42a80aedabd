/** Rooms on Socket.IO: `?room=` joins, the event `m` goes to everyone else in the room. */
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { BACKLOG, PORT } from './listen.ts'

const server = createServer()
const io = new Server(server, { transports: ['websocket'], perMessageDeflate: false, serveClient: false })
io.on('connection', async (socket) => {
  const room = String(socket.handshake.query['room'])
  await socket.join(room)
  socket.on('m', (message) => socket.to(room).emit('m', message))
  socket.emit('joined')
})
server.listen(PORT, '127.0.0.1', BACKLOG)
