import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { folderOf, type PublicPackage, readManifest } from './packages.ts'

/** Builds a package and writes the tarball that would be published into `folder`. Answers its path. */
export async function pack(name: PublicPackage, folder: string): Promise<string> {
  await promisify(execFile)('pnpm', ['pack', '--pack-destination', folder], { cwd: folderOf(name) })
  const { name: scoped, version } = readManifest(name)
  return join(folder, `${scoped.replace('@', '').replace('/', '-')}-${version}.tgz`)
}
