import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ADMIN = fileURLToPath(new URL('../../../services/nemesis/src/admin.ts', import.meta.url))

/** Of nemesis' demo college, whose people no administrator is among. */
export const ADMINISTRATOR = { username: 'head', password: 'of the school' }

/** Makes {@link ADMINISTRATOR} by the command, as the README tells; `env` as for the service, while none runs on it. */
export async function makeAdministrator(env: Record<string, string>): Promise<void> {
  const { username, password } = ADMINISTRATOR
  const college = ['--college', 'college-1', '--college-title', 'college the first']
  await promisify(execFile)(process.execPath, [ADMIN, 'administrator', '--userid', username, ...college], {
    env: { PATH: process.env['PATH'] ?? '', NEMESIS_PASSWORD: password, ...env },
    timeout: 60_000,
  })
}
