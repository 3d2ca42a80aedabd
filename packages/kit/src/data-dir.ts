import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from './config.ts'

/** A process that holds the folder, recognisable also after its pid was given to another. */
interface Holder {
  pid: number
  started: string
}

/**
 * When the process started, in clock ticks since boot (field 22 of Linux' `/proc/<pid>/stat`); '' where there is no such
 * file, and for a process that is dead and that nobody has waited for yet (field 3: `Z`).
 */
async function startTime(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? '' : (fields[19] ?? '')
  } catch {
    return ''
  }
}

async function lives({ pid, started }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!hasCode(error, 'EPERM')) return false
  }
  return (await startTime(pid)) === started
}

async function read(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined)
}

function parseHolder(text: string): Holder {
  const [pid, started = ''] = text.split(' ')
  return { pid: Number(pid), started }
}

const hasCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code

/**
 * Makes the folder and takes it for this process until the answer is disposed of. The lock of a process that died is
 * taken over.
 * @throws ConfigError that names the pid where a living process holds it
 */
export async function lockDataDir(dataDir: string): Promise<AsyncDisposable> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, 'lock')
  const mine = `${file}.${randomUUID()}`
  // Written aside and linked into place, so that nobody ever sees a lock without its holder.
  await writeFile(mine, `${process.pid} ${await startTime(process.pid)}`)
  try {
    for (;;) {
      try {
        await link(mine, file)
        return { [Symbol.asyncDispose]: () => rm(file, { force: true }) }
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error
      }
      const held = await read(file)
      if (held === undefined) continue
      const holder = parseHolder(held)
      if (await lives(holder)) {
        throw new ConfigError(
          `DATA_DIR ${dataDir} is in use by the process ${holder.pid}; stop it, or name another folder`,
        )
      }
      await discardDead(file, mine)
    }
  } finally {
    await rm(mine, { force: true })
  }
}

/**
 * Removes a lock whose process is dead. One process at a time looks and removes, so that nobody removes the lock of the
 * process that took over first.
 */
async function discardDead(file: string, mine: string): Promise<void> {
  const turn = `${file}.turn`
  try {
    await link(mine, turn)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    // Its process may have died in its turn.
    if (!(await isHeld(turn))) await rm(turn, { force: true })
    return
  }
  if (!(await isHeld(file))) await rm(file, { force: true })
  await rm(turn, { force: true })
}

async function isHeld(file: string): Promise<boolean> {
  const held = await read(file)
  return held !== undefined && (await lives(parseHolder(held)))
}
