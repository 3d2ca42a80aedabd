/** The five services and the port each listens on when it runs alone and `PORT` says nothing. */
export const SERVICES = { ide: 8081, chat: 8082, relay: 8083, channels: 8084, nemesis: 8085 } as const

export type Service = keyof typeof SERVICES

/**
 * One origin for all: which service answers below a path. A path belongs to the longest prefix that it equals or that
 * is followed in it by `/`. Every gateway (in-process, nginx) is made from this table.
 */
export const ROUTES: Readonly<Record<string, Service>> = {
  '/api/v1/user': 'ide',
  '/api/v1/repos': 'ide',
  '/api/v1/socket': 'ide',
  '/ws': 'ide',
  '/api/v1/users': 'chat',
  '/api/v1/login': 'chat',
  '/api/v1/rooms': 'chat',
  '/api/v1/messages': 'chat',
  '/api/v1/presence': 'chat',
  '/api/v1/processes': 'chat',
  '/v1': 'relay',
  '/new': 'relay',
  '/refresh': 'relay',
  '/go': 'relay',
  '/socket.io': 'relay',
  '/chat/login': 'channels',
  '/auth': 'nemesis',
  '/deauth': 'nemesis',
  '/college': 'nemesis',
  '/user': 'nemesis',
  '/site/sha': 'nemesis',
  '/registrations': 'nemesis',
  '/activate': 'nemesis',
  '/verify': 'nemesis',
  '/reset_password': 'nemesis',
  '/audit': 'nemesis',
  '/userman': 'nemesis',
}

/** The service that answers `url` (a path, with or without a query), or `undefined`: no such path. */
export function serviceOf(url: string): Service | undefined {
  const query = url.indexOf('?')
  let path = query === -1 ? url : url.slice(0, query)
  while (path.length > 1) {
    if (Object.hasOwn(ROUTES, path)) return ROUTES[path]
    path = path.slice(0, path.lastIndexOf('/'))
  }
  return undefined
}
