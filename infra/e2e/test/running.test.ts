import { describe } from 'vitest'
import { scenarios } from './scenarios.ts'

const url = process.env['ORIGIN']

/** `ORIGIN=http://127.0.0.1:8080 pnpm --filter @switchboard/e2e test running`: against whatever runs there. */
describe.skipIf(url === undefined)('the Switchboard at ORIGIN', () => {
  scenarios(() => ({ url: url ?? '', wsUrl: (url ?? '').replace(/^http/, 'ws') }))
})
