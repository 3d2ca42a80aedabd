import { execFileSync } from 'node:child_process'

/** The revision that is checked out, `+` behind it where files differ from it; '' outside a repository. */
export function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim()
  try {
    const dirty = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+'
    return git('rev-parse', '--short=12', 'HEAD') + dirty
  } catch {
    return ''
  }
}
