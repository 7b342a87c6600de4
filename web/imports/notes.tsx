import { DAILY_WINDOWS, laterSlot, type Slot } from '../../model/daily-windows.ts'
import type { Run } from '../../model/run.ts'
import { ERROR_TITLES } from '../../model/wording/code-titles.ts'
import type { SlotOutcome } from '../../store/runs/import-figures.ts'
import { Note } from '../ui/components/parts.tsx'
import { runTotals } from '../ui/components/run-badge.tsx'
import { counted, figure, momentWithin, windowHours } from '../ui/format.ts'
import type { ImportsView } from './view.ts'

/** Problems that need attention, each with its cause and remedy. */
export function ImportNotes({ view }: { view: ImportsView }) {
  const { last, team, errors } = view
  const run = last && `/teams/${team.team}/runs/${last.id}`
  return (
    <div class="stack-2" id="notes">
      {last && run && <LastRunNote run={last} href={run} team={team.team} errors={errors} />}
      <SilentWindow view={view} />
      {view.resultTrouble && (
        <Note tone="warn" icon="warn" title={`The result ${view.resultTrouble.path} could not be written.`}>
          {view.resultTrouble.reason} The service tries again by itself.
        </Note>
      )}
    </div>
  )
}

const KINDS_TOLD = 3

function LastRunNote({
  run,
  href,
  team,
  errors,
}: {
  run: Run
  href: string
  team: string
  errors: ImportsView['errors']
}) {
  const { imported, rejected } = runTotals(run)
  const see = <a href={href}>See run #{run.number}</a>
  switch (run.state) {
    case 'imported_with_errors':
      return (
        <Note
          tone={imported === 0 ? 'bad' : 'warn'}
          icon="warn"
          title={`${counted(rejected, 'record')} of the last run ${rejected === 1 ? 'was' : 'were'} not imported.`}
          acts={<a href={href}>See the records</a>}
        >
          {errors.slice(0, KINDS_TOLD).map(({ code, field, records }) => (
            <>
              {ERROR_TITLES[code](field ?? 'A value')}: {figure(records)}.{' '}
            </>
          ))}
          The error file lists the problem with each record. Fix it and upload it again.
        </Note>
      )
    case 'rejected':
      return (
        <Note
          tone="bad"
          icon="err"
          title="The last run imported nothing."
          acts={
            <>
              <a class="btn sm" href={`/teams/${team}/configure#map`}>
                Check the mapping
              </a>
              {see}
            </>
          }
        >
          {run.batches.find(({ problem }) => problem)?.problem?.message} The file is still in place.
        </Note>
      )
    case 'failed':
      return (
        <Note tone="bad" icon="err" title="The last run failed." acts={see}>
          {run.batches.find(({ problem }) => problem)?.problem?.message ??
            'Nothing was imported; the files are still in place.'}
        </Note>
      )
    case 'held':
      return (
        <Note tone="warn" icon="pause" title="A file is held." acts={see}>
          {run.batches.find(({ problem }) => problem)?.problem?.message ?? 'Approve or discard it.'}
        </Note>
      )
    default:
      return null
  }
}

/** The last window without a file, if none has arrived since. */
function SilentWindow({ view: { slots, last, login, team, now } }: { view: ImportsView }) {
  const ended = slots
    .filter(({ state }) => state === 'empty' || state === 'missed')
    .reduce<(Slot & Pick<SlotOutcome, 'state'>) | null>(
      (latest, slot) => (latest && laterSlot(latest, slot) ? latest : slot),
      null,
    )
  if (!ended) return null
  const served: Slot[] = slots.filter(({ run }) => run)
  if (last?.window) served.push(last.window)
  if (served.some((slot) => laterSlot(slot, ended))) return null
  const { title } = DAILY_WINDOWS[ended.name]
  const act = (
    <a class="btn sm" href={`/teams/${team.team}/ftp-accounts`}>
      See the accounts
    </a>
  )
  return ended.state === 'missed' ? (
    <Note tone="bad" icon="ban" title={`The ${title} window of ${ended.date} was missed.`}>
      The server was down for the whole window. Files that arrived are still in place: Run Import imports them now.
    </Note>
  ) : (
    <Note tone="warn" icon="clock" title={`No file for the ${title} window.`} acts={act}>
      It was open {windowHours(ended.name)} on {ended.date}.{' '}
      {login ? (
        <>
          The account <code>{login.username}</code> last logged in {momentWithin(login.at, team.timeZone, now)}.
        </>
      ) : (
        'No account has logged in yet.'
      )}
    </Note>
  )
}
