/** `node main.ts [PACKAGE...]`: builds `packages/<PACKAGE>/dist`, of all public packages unless told. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { buildCommand } from './command.ts'
import { buildLibrary } from './library.ts'
import { folderOf, PUBLIC, type PublicPackage } from './packages.ts'

const BUILDS: Record<PublicPackage, (dist: string) => Promise<void>> = {
  sdk: buildLibrary,
  'relay-cli': buildCommand,
}

const named = process.argv.slice(2)
const unknown = named.find((name) => !(name in BUILDS))
if (unknown !== undefined) throw new Error(`${unknown} is not published`)

for (const name of PUBLIC) {
  if (named.length > 0 && !named.includes(name)) continue
  const dist = join(folderOf(name), 'dist')
  await rm(dist, { recursive: true, force: true })
  await BUILDS[name](dist)
}
