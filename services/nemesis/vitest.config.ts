import { defineConfig } from 'vitest/config'

// A database is made for most files, and machines are busy.
export default defineConfig({ test: { testTimeout: 20_000, hookTimeout: 60_000 } })
