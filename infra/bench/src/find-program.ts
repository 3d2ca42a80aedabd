import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where Debian puts servers; not on everyone's PATH. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin']

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Every program of that name, those on the PATH first. */
export function findPrograms(name: string): string[] {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SERVER_FOLDERS]
  return [...new Set(folders.map((folder) => join(folder, name)))].filter(isExecutable)
}

export const findProgram = (name: string): string | undefined => findPrograms(name)[0]
