import { readdirSync, readFileSync } from 'node:fs'

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/**
 * Microseconds that the processes were on a core until now, all threads together: the first field of Linux'
 * `/proc/<pid>/task/<thread>/schedstat`. `undefined` where there is no such file.
 */
export function cpuMicros(pids: readonly number[]): number | undefined {
  let nanos = 0
  let found = false
  for (const pid of pids) {
    for (const thread of threadsOf(pid)) {
      const stat = read(`/proc/${pid}/task/${thread}/schedstat`)
      if (stat === undefined) continue
      nanos += Number(stat.slice(0, stat.indexOf(' ')))
      found = true
    }
  }
  return found ? nanos / 1000 : undefined
}

/** Bytes of resident memory of the processes (`VmRSS`); `undefined` where nothing says. */
export function residentBytes(pids: readonly number[]): number | undefined {
  let kib = 0
  for (const pid of pids) {
    const [, value] = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '') ?? []
    if (value === undefined) return undefined
    kib += Number(value)
  }
  return kib * 1024
}

/** Microseconds that this process was on a core until now. */
export function ownCpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
