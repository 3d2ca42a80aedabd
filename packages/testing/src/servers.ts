import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * The real servers, and the browser, that tests run against: the program, Debian's package that brings it, and folders off the PATH where
 * Debian puts it (`*` stands for a version).
 */
export const SERVERS = {
  postgres: { package: 'postgresql', folders: ['/usr/lib/postgresql/*/bin'] },
  'redis-server': { package: 'redis-server', folders: ['/usr/bin'] },
  nginx: { package: 'nginx', folders: ['/usr/sbin'] },
  slapd: { package: 'slapd', folders: ['/usr/sbin'] },
  ldapwhoami: { package: 'ldap-utils', folders: ['/usr/bin'] },
  chromium: { package: 'chromium', folders: ['/usr/bin'] },
  openssl: { package: 'openssl', folders: ['/usr/bin'] },
} as const

export type Server = keyof typeof SERVERS

function expand(folder: string): string[] {
  const [before, after] = folder.split('*')
  if (before === undefined || after === undefined) return [folder]
  try {
    return readdirSync(before).map((version) => join(before, version, after))
  } catch {
    return []
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The program's path, or `undefined` where it is not installed. Debian's own folders come first: what is on the PATH may be a link. */
export function findServer(name: Server): string | undefined {
  const folders = [...SERVERS[name].folders.flatMap(expand), ...(process.env['PATH'] ?? '').split(delimiter)]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}
