import type { WarningCode } from '../../model/codes.ts'
import { localTime } from '../../model/daily-windows.ts'
import type { RunTrigger } from '../../model/run.ts'
import { ERROR_TITLES, WARNING_TITLES } from '../../model/wording/code-titles.ts'
import { figure } from '../../model/wording/figure.ts'
import type { RecapFacts } from './recap-facts.ts'
import { undoWords } from './undo-summary.ts'

/** A part of a recap. */
export interface Section {
  title: string
  facts: [name: string, value: string][]
}

const TRIGGERS: Record<RunTrigger, string> = {
  scheduled: 'scheduled window',
  on_demand: 'Run Import',
  manual: 'Manual Import',
}

/** What people act on, in their words; parts without anything to say are left out. */
export function sectionsOf(facts: RecapFacts): Section[] {
  const { batch, team } = facts
  const { state, problem, held, undone, counts } = batch
  const records = (many: number) => (many === 1 ? '1 record' : `${figure(many)} records`)
  const sections: Section[] = [
    // The first sentence of a stopped or failed import is its message.
    { title: 'What is wrong', facts: problem && state === 'rejected' ? [['The file', problem.message]] : [] },
    { title: 'Why it is held', facts: held?.findings.map(({ message }) => ['Found', message]) ?? [] },
    {
      title: 'Undone',
      facts: undone
        ? [
            ['By', undone.by],
            ['At', localTime(new Date(undone.at), team.timeZone)],
            ['Contacts', undoWords(undone)],
          ]
        : [],
    },
    {
      title: 'What to correct',
      facts: facts.errors.map(({ code, field, records: many }) => [
        records(many),
        ERROR_TITLES[code](field ?? 'A value'),
      ]),
    },
    {
      title: 'What has changed',
      facts: (
        [
          ['Created', counts.created],
          ['Updated', counts.updated],
          ['Unchanged', counts.unchanged],
          ['Rejected', counts.rejected],
          ['Superseded', counts.superseded],
          ['Opted out', counts.optedOut],
          ['Opted in', counts.optedIn],
        ] as const
      ).flatMap(([name, many]) => (many === 0 ? [] : [[name, figure(many)]])),
    },
    {
      title: 'Imported with warnings',
      facts: Object.entries(batch.warnings).map(([code, many]) => [figure(many), WARNING_TITLES[code as WarningCode]]),
    },
    {
      title: 'Newer files passed over (they cannot be read)',
      facts: facts.passedOver.map(({ path, reason }) => ['File', `${path}: ${reason}`]),
    },
    {
      title: 'Older files not imported (superseded)',
      facts: facts.supersededFiles.map((path) => ['File', path]),
    },
  ]
  return sections.filter((section) => section.facts.length > 0)
}

/** What an engineer looks for, with the codes that documents explain. */
export function detailsOf(facts: RecapFacts): Section {
  const { team, run, batch, identicalTo } = facts
  const time = (instant: string | null) => instant && localTime(new Date(instant), team.timeZone)
  const codes = [
    ...(batch.problem?.code ? [batch.problem.code] : []),
    ...Object.entries(facts.errorCodes).map(([code, many]) => `${code} ${figure(many)}`),
    ...Object.entries(batch.warnings).map(([code, many]) => `${code} ${figure(many)}`),
  ]
  const known = (name: string, value: string | null): [string, string][] => (value === null ? [] : [[name, value]])
  return {
    title: 'Details',
    facts: [
      ['Team', team.name],
      ['Run', `${run.number} (${run.id})`],
      ['Batch', batch.id],
      ['Trigger', triggerOf(run)],
      ['File', batch.path],
      ['Size', `${figure(batch.bytes)} bytes`],
      ...known('Records', batch.counts.records === 0 ? null : figure(batch.counts.records)),
      ...known('SHA-256', batch.sha256),
      ...known('Same file', identicalTo && `identical to batch ${identicalTo}`),
      ...known('Received', time(batch.receivedAt)),
      ...known('Started', time(batch.startedAt)),
      ...known('Finished', time(batch.finishedAt)),
      ...known('File is now', whereIsIt(facts)),
      ['Next window', facts.nextWindow ?? 'none: no window is enabled'],
      ...known('Codes', codes.join(', ') || null),
    ],
  }
}

function triggerOf({ trigger, requestedBy }: RecapFacts['run']): string {
  if (requestedBy !== null) return `${TRIGGERS[trigger]} by ${requestedBy}`
  // Nobody pressed the button: an upload ended that may be cut off.
  return trigger === 'on_demand' ? 'the end of its upload' : TRIGGERS[trigger]
}

function whereIsIt({ batch, fileIsAt, run }: RecapFacts): string | null {
  if (fileIsAt !== null) return fileIsAt
  if (batch.afterImport?.action === 'delete') return 'deleted after the import'
  return run.trigger === 'manual' ? 'not kept (Manual Import)' : null
}
