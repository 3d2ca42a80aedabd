import { execFileSync } from 'node:child_process'

/** `git rev-parse HEAD` of the folder; 40 zeros where there is no git or no checkout. */
export function gitRevision(folder: string): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return '0'.repeat(40)
  }
}
