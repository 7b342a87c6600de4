import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { HeaviestFirst } from './test/support/runner/heaviest-first.ts'
import { NotRunReporter } from './test/support/runner/not-run-reporter.ts'

/** Tests that count for how long the main thread does nothing else, or what a client takes of the memory. */
const MEASURING = [
  'test/**/bounded-work.test.ts',
  'test/end-to-end/many-checks.test.ts',
  'test/server/ftp/slow-clients.test.ts',
  'test/web/http/largest-team.test.ts',
]

const EVERY = {
  // No module has a state of its own, so files may share a process that has read the modules.
  isolate: false,
  testTimeout: 30_000,
  hookTimeout: 60_000,
}

export default defineConfig({
  test: {
    sequence: { sequencer: HeaviestFirst },
    globalSetup: ['test/support/runner/global-setup.ts'],
    reporters: ['default', new NotRunReporter()],
    projects: [
      {
        test: {
          ...EVERY,
          name: 'tests',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: MEASURING,
          // Most wait for timers, sockets and processes: two for each core leave none idle.
          maxWorkers: 2 * availableParallelism(),
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...EVERY,
          name: 'measuring',
          include: MEASURING,
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
