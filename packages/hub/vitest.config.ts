import { defineConfig } from 'vitest/config'

// A project does not inherit the root's: a test that waits for a real socket must not fail because the machine is busy.
export default defineConfig({ test: { testTimeout: 20_000 } })
