import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, dirname } from 'node:path'
import { defineConfig } from 'vitest/config'

const packages = globSync('{packages,services,infra}/*/package.json', { cwd: import.meta.dirname }).map(
  dirname,
)

export default defineConfig({
  test: {
    // A test that waits for a real server must not fail because the machine is busy; one that hangs must not hang the run.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    // Many tests wait for a server or a clock; one more than the cores of the smallest machine keeps those busy.
    maxWorkers: Math.max(3, availableParallelism()),
    projects: packages.sort().map((root) => ({
      extends: true as const,
      test: {
        name: basename(root),
        root,
        include: ['test/**/*.test.ts'],
        // Nemesis' files are many and start the same things: what they import is loaded once a worker, in two thirds of the time.
        isolate: basename(root) !== 'nemesis',
      },
    })),
  },
})
