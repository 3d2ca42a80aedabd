import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { findProgram } from './find-program.ts'

/** Which core does what: lists as `taskset -c` takes them. `undefined`: nothing can be pinned here. */
export type Cores = { server: string; generator: string; others: string } | undefined

/** `0-2,5` as numbers. */
export function parseCores(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}

/** One core for servers, one for the generator, and the rest for databases and buses, which share the generator's where there is no other. */
export function divideCores(cores: readonly number[]): Cores {
  const [server, generator, ...others] = cores
  if (server === undefined || generator === undefined) return undefined
  return { server: `${server}`, generator: `${generator}`, others: others.join(',') || `${generator}` }
}

function allowedCores(): number[] {
  try {
    const [, list = ''] =
      /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    return parseCores(list)
  } catch {
    return []
  }
}

/** Divides the cores that this process may use, and keeps it, with what it starts from now on, off the servers' core. */
export function pinCores(): Cores {
  const cores = findProgram('taskset') === undefined ? undefined : divideCores(allowedCores())
  if (cores) execFileSync('taskset', ['-apc', cores.others, `${process.pid}`], { stdio: 'ignore' })
  return cores
}

/** The command that runs `command` on those cores. */
export const onCore = (core: string | undefined, command: readonly string[]): string[] =>
  core === undefined ? [...command] : ['taskset', '-c', core, ...command]

/** One line. */
export function describeMachine(): string {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} x ${cpu?.model.trim() ?? 'unknown CPU'}, ${memory} GiB, ${type()} ${release()}`
}

/** Says where figures are not what they could be. */
export function caveats(cores: Cores): string[] {
  const found: string[] = []
  if (cores === undefined) found.push('nothing is pinned to a core: there is no `taskset`, or one core only')
  else if (cores.others === cores.generator)
    found.push('databases and buses share a core with the load generator: there are two cores')
  if (type() !== 'Linux') found.push("the servers' CPU and memory are not measured: there is no /proc")
  return found
}
