/** The port that the bench gives each peer. */
export const PORT = Number(process.env['PORT'])

/** Connections that may wait for their handshake, as many as the services let wait or more. */
export const BACKLOG = 4096
