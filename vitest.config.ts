import { defineConfig } from 'vitest/config'
import { HeaviestFirst } from './test/support/runner/heaviest-first.ts'
import { NotRunReporter } from './test/support/runner/not-run-reporter.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // One for each core; the default leaves one core idle, and more would disturb the tests that measure a wait.
    maxWorkers: '100%',
    // No module has a state of its own, so files may share a process that has read the modules.
    isolate: false,
    sequence: { sequencer: HeaviestFirst },
    globalSetup: ['test/support/runner/global-setup.ts'],
    reporters: ['default', new NotRunReporter()],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
