/**
 * Connections that wait to be accepted: after a restart all clients come back at once, and those beyond Node's 511 would be
 * reset. The system may allow less (`net.core.somaxconn`, on Linux 4096).
 */
export const BACKLOG = 4096
