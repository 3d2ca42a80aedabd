import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What is published; everything else in this repository is private. */
export const PUBLIC = ['sdk', 'relay-cli'] as const
export type PublicPackage = (typeof PUBLIC)[number]

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

export const folderOf = (name: PublicPackage): string => join(ROOT, 'packages', name)

/** What a `package.json` says that matters here. */
export interface Manifest {
  name: string
  version: string
  /** Inside this repository: `./relay` to `./src/relay.ts`. */
  exports?: Record<string, string>
  publishConfig?: { exports?: Record<string, { types: string; default: string }> }
}

export const readManifest = (name: PublicPackage): Manifest =>
  JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8')) as Manifest
