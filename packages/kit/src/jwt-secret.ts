import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommonConfig } from './config.ts'

/** The configured secrets, else the one kept in `<dataDir>/jwt-secret` (mode 0600), made at the first start. */
export async function jwtSecrets({
  jwtSecrets: configured,
  dataDir,
}: Pick<CommonConfig, 'jwtSecrets' | 'dataDir'>): Promise<string[]> {
  if (configured.length > 0) return configured
  const file = join(dataDir, 'jwt-secret')
  await mkdir(dataDir, { recursive: true })
  try {
    await writeFile(file, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx', flush: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return [(await readFile(file, 'utf8')).trim()]
}
