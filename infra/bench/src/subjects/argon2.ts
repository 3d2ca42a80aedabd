import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Figures } from '../load/jobs.ts'
import { onCore } from '../machine.ts'
import { packageVersion } from './package-version.ts'
import { peerFile } from './peer.ts'
import type { Program } from './subject.ts'

const run = promisify(execFile)

/** What a log-in cannot be faster than. */
export const argon2: Program = {
  name: 'bare-argon2',
  version: () => `@node-rs/argon2 ${packageVersion('@node-rs/argon2')}`,
  missing: () => undefined,
  async measure({ seconds }, cores) {
    const [program = '', ...args] = onCore(cores?.server, [
      process.execPath,
      peerFile('argon2.ts'),
      `${seconds}`,
    ])
    const { stdout } = await run(program, args)
    return JSON.parse(stdout) as Figures
  },
}
