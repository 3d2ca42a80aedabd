import { Socket } from 'node:net'

/** Whether its bytes are those of the network, as they are not in a TLS socket or anything else that was made of one. */
export const isPlainSocket = (socket: object): socket is Socket =>
  Object.getPrototypeOf(socket) === Socket.prototype
