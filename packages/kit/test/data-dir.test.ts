import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from '@switchboard/testing/temp'
import { expect, test } from 'vitest'
import { lockDataDir } from '../src/data-dir.ts'
import { jwtSecrets } from '../src/jwt-secret.ts'

const LOCKING = `
  const { lockDataDir } = await import(${JSON.stringify(new URL('../src/data-dir.ts', import.meta.url).href)})
  await lockDataDir(process.argv[1])
  console.log('locked')
  setInterval(() => {}, 1000)
`

/** Another process that holds the folder. */
async function holder(folder: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', LOCKING, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

test('a second process is told the pid of the first', async () => {
  await using dir = await tempDir()
  const first = await holder(dir.path)
  await expect(lockDataDir(dir.path)).rejects.toThrow(`in use by the process ${first.pid}`)
  first.kill('SIGKILL')
  await once(first, 'exit')
})

test('the lock of a process that was killed is taken over', async () => {
  await using dir = await tempDir()
  const first = await holder(dir.path)
  first.kill('SIGKILL')
  await once(first, 'exit')
  await using _lock = await lockDataDir(dir.path)
  await expect(lockDataDir(dir.path)).rejects.toThrow(`${process.pid}`)
})

test.skipIf(process.platform !== 'linux')(
  'the lock of a process that is dead and not waited for yet is taken over',
  async () => {
    await using dir = await tempDir()
    // The shell becomes a sleep, which never waits for the child that holds the folder.
    const script = `"${process.execPath}" --input-type=module -e "$LOCKING" "${dir.path}" & exec sleep 60`
    const parent = spawn('sh', ['-c', script], { env: { LOCKING }, stdio: ['ignore', 'pipe', 'inherit'] })
    await once(parent.stdout, 'data')
    const pid = Number((await readFile(join(dir.path, 'lock'), 'utf8')).split(' ')[0])
    const closed = once(parent.stdout, 'close')
    process.kill(pid, 'SIGKILL')
    while (!(await readFile(`/proc/${pid}/stat`, 'utf8')).includes(') Z ')) await new Promise(setImmediate)
    await using _lock = await lockDataDir(dir.path)
    parent.kill('SIGKILL')
    await closed
  },
)

test('a pid that another process has now does not hold the folder', async () => {
  await using dir = await tempDir()
  await writeFile(join(dir.path, 'lock'), `${process.pid} 1`)
  await using _lock = await lockDataDir(dir.path)
})

test('of many that find a dead lock at once, one gets the folder', async () => {
  await using dir = await tempDir()
  await writeFile(join(dir.path, 'lock'), '999999999 1')
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir(dir.path)))
  const refused = tries.filter((one) => one.status === 'rejected').map(({ reason }) => String(reason))
  expect(refused).toHaveLength(7)
  for (const why of refused) expect(why).toContain(`in use by the process ${process.pid}`)
})

test('nothing is left when the lock is given up', async () => {
  await using dir = await tempDir()
  const folder = join(dir.path, 'data')
  const lock = await lockDataDir(folder)
  await lock[Symbol.asyncDispose]()
  expect(await readdir(folder)).toEqual([])
})

test('a JWT secret is made once, kept, and readable by its owner alone', async () => {
  await using dir = await tempDir()
  const config = { jwtSecrets: [], dataDir: join(dir.path, 'data') }
  const made = await jwtSecrets(config)
  expect(made[0]).toMatch(/^[0-9a-f]{64}$/)
  expect(await jwtSecrets(config)).toEqual(made)
  const file = join(config.dataDir, 'jwt-secret')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readFile(file, 'utf8')).toBe(made[0])
})

test('a configured JWT secret is used as it is', async () => {
  await using dir = await tempDir()
  await mkdir(join(dir.path, 'data'))
  const secret = 'z'.repeat(32)
  expect(await jwtSecrets({ jwtSecrets: [secret], dataDir: join(dir.path, 'data') })).toEqual([secret])
  expect(await readdir(join(dir.path, 'data'))).toEqual([])
})
