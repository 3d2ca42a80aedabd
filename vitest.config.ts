import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: ['packages/*', 'services/*', 'infra/*'],
    // A test that waits for a real server must not fail because the machine is busy; one that hangs must not hang the run.
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
