import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** Lists at the end which tests were not run and why: no one sees a line in the middle of 200 files. */
export class NotRunReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')])
    process.stdout.write(notRun(skipped.map((test) => ({ title: titleOf(test), reason: reasonOf(test) }))))
  }
}

/** Tests left out by a filter or beside an `only` have no reason and are no news. */
export function notRun(skipped: readonly { title: string; reason: string | undefined }[]): string {
  const reasons = Map.groupBy(
    skipped.filter(({ reason }) => reason),
    ({ reason }) => reason,
  )
  const lines = [...reasons].flatMap(([reason, tests]) => [`  ${reason}:`, ...tests.map(({ title }) => `    ${title}`)])
  return lines.length ? ` NOT RUN on this machine\n${lines.join('\n')}\n\n` : ''
}

function titleOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`
}

function reasonOf(test: TestCase): string | undefined {
  const result = test.result()
  return result.state === 'skipped' ? result.note : undefined
}
