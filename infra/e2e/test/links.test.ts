import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Running, start } from '@switchboard/testing/process'
import { tempDir } from '@switchboard/testing/temp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canInstall, type Installation, startInstallation, TWO_OF_EACH } from './installation.ts'
import { linkScenarios } from './link-scenarios.ts'
import { freshName } from './origin.ts'

const STANDALONE = fileURLToPath(new URL('../../standalone/src/main.ts', import.meta.url))
const ADMIN = fileURLToPath(new URL('../../../services/nemesis/src/admin.ts', import.meta.url))

describe('links in the standalone', () => {
  let dir: Awaited<ReturnType<typeof tempDir>>
  let running: Running
  beforeAll(async () => {
    dir = await tempDir()
    running = await start(STANDALONE, { DATA_DIR: dir.path, LOG_LEVEL: 'trace' })
  })
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]()
    await dir?.[Symbol.asyncDispose]()
  })

  linkScenarios(
    () => running,
    async () => ({ username: 'teacher_coll1', password: 'facebees', college: 'college-1' }),
  )

  // Last: it looks at all that was logged.
  test('no text and no token was logged, at the most talkative level', () => {
    const said = running.output()
    for (const secret of ['from the room', 'from the channel', 'pushed', 'Lovelace', 'eyJ'])
      expect(said).not.toContain(secret)
  })
})

describe.skipIf(!canInstall)('links of two processes of each service, on Redis and PostgreSQL', () => {
  let installation: Installation
  beforeAll(async () => {
    installation = await startInstallation({ processes: TWO_OF_EACH })
  }, 120_000)
  afterAll(() => installation?.[Symbol.asyncDispose]())

  linkScenarios(
    () => installation,
    async () => {
      const username = freshName('leader')
      const password = 'a password of a leader'
      await promisify(execFile)(
        process.execPath,
        [ADMIN, 'leader', '--userid', username, '--college', 'college-1'],
        {
          env: { DATABASE_URL: installation.databaseUrl, NEMESIS_PASSWORD: password },
        },
      )
      return { username, password, college: 'college-1' }
    },
  )
})
