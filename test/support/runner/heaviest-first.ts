import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The files that take longest, longest first. One that began last would keep a single core busy at the end. */
export const HEAVIEST = [
  'test/end-to-end/kept-rights.test.ts',
  'test/ingest/repeats.test.ts',
  'test/end-to-end/program/results-killed.test.ts',
  'test/start/embedded-postgres.test.ts',
  'test/end-to-end/program/process.test.ts',
  'test/web/pages/accessible.test.ts',
  'test/web/pages/flows.test.ts',
  'test/web/http/bounded-work.test.ts',
  'test/end-to-end/program/first-start.test.ts',
  'test/end-to-end/program/commands.test.ts',
  'test/start/proxy-protocol.test.ts',
  'test/start/backup/backup.test.ts',
  'test/ingest/reading/bounded-work.test.ts',
  'test/start/kill-and-start.test.ts',
  'test/server/account-rights.test.ts',
  'test/server/uploads/kill.test.ts',
  'test/end-to-end/many-checks.test.ts',
  'test/end-to-end/program/stop.test.ts',
  'test/end-to-end/first-day.test.ts',
  'test/end-to-end/program/demo.test.ts',
  'test/web/pages/decisions.test.ts',
  'test/web/pages/states.test.ts',
  'test/web/pages/edits.test.ts',
  'test/end-to-end/program/certificate.test.ts',
  'test/ingest/stale-statistics.test.ts',
  'test/ingest/restore/schedules.test.ts',
  'test/ingest/undo/random.test.ts',
]

/** Vitest orders files by how long they took before, which a fresh clone does not know. */
export class HeaviestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const rank = ({ moduleId }: TestSpecification) => {
      const at = HEAVIEST.findIndex((path) => moduleId.endsWith(`/${path}`))
      return at < 0 ? HEAVIEST.length : at
    }
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}
