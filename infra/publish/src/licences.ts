import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Plugin } from 'rolldown'

/** The folder of the package that a module belongs to, where that was installed. */
function installedPackage(module: string): string | undefined {
  if (!module.includes('/node_modules/')) return undefined
  let folder = dirname(module)
  // A package may have further package.json files, which only say how modules are written.
  while (!existsSync(join(folder, 'package.json')) || !manifest(folder).version) folder = dirname(folder)
  return folder
}

const manifest = (folder: string): { name?: string; version?: string; license?: string } =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

function notice(folder: string): string {
  const { name, version, license } = manifest(folder)
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one))
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  return `${name} ${version}, ${license}\n${text}`
}

/** Writes `LICENCES.txt`: what the licences of bundled packages ask for. */
export const licences = (): Plugin => ({
  name: 'licences',
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
    const folders = new Set(modules.map(installedPackage).filter((folder) => folder !== undefined))
    const notices = [...folders].map(notice).sort()
    this.emitFile({ type: 'asset', fileName: 'LICENCES.txt', source: notices.join('\n----\n\n') })
  },
})
