import { describe } from 'vitest'
import type { DirectoryKind } from './house.ts'
import { hasSlapd } from './slapd.ts'

/** Runs these tests on both directories; where there is no slapd, LDAP's are skipped by name. */
export function onEachDirectory(tests: (directory: DirectoryKind) => void): void {
  describe('on the database directory', () => tests('database'))
  describe.skipIf(!hasSlapd)('on the LDAP directory', () => tests('ldap'))
}
