import { defineProject } from 'vitest/config'

// A project takes no limit from the root's file; these are the same.
export default defineProject({ test: { testTimeout: 20_000, hookTimeout: 60_000 } })
