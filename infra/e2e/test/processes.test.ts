import { afterAll, beforeAll, describe } from 'vitest'
import { canInstall, type Installation, startInstallation, TWO_OF_EACH } from './installation.ts'
import { scenarios } from './scenarios.ts'

describe.skipIf(!canInstall)('two processes of each service behind nginx, on Redis and PostgreSQL', () => {
  let installation: Installation

  beforeAll(async () => {
    installation = await startInstallation({ processes: TWO_OF_EACH })
  }, 120_000)
  afterAll(() => installation?.[Symbol.asyncDispose]())

  scenarios(() => installation)
})
