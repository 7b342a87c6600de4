import { passedOver } from '../../ingest/telling/passed-over.ts'
import type { Batch, Run } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import { Form } from '../ui/components/form.tsx'
import { Note } from '../ui/components/parts.tsx'
import { Held } from './held.tsx'
import { AskedUndoNote, UndoneNote } from './undo.tsx'
import type { RunView } from './view.ts'

/** Notes about a run: held, rejected, failed, stopped, nothing found, a file that could not be moved. */
export function RunNotes({ view }: { view: RunView }) {
  const { run, team } = view
  return (
    <div class="stack-2" id="notes">
      {run.state === 'nothing_to_import' && (
        <Note icon="inbox" title="There was nothing to import.">
          {run.files.length === 0
            ? 'There were no files in the File Path.'
            : 'The files that were there are listed below, each with the reason.'}
        </Note>
      )}
      {view.shown.map(({ batch }) => (
        <BatchNote
          batch={batch}
          action={`/teams/${team.team}/runs/${run.id}/batches/${batch.id}`}
          team={team}
          now={view.now}
          instead={triedInstead(run, batch)}
          importable={view.stillRejected.has(batch.id)}
        />
      ))}
    </div>
  )
}

/** The next older file, which was tried because this one could not be read. */
function triedInstead(run: Run, { id }: Batch): Batch | null {
  const next = run.batches[run.batches.findIndex((batch) => batch.id === id) + 1]
  return next && passedOver(run, next).some((batch) => batch.id === id) ? next : null
}

interface BatchNoteProps {
  batch: Batch
  action: string
  team: Team
  now: Date
  instead: Batch | null
  /** Its file waits in the root and may be imported under another mapping. */
  importable: boolean
}

function BatchNote({ batch, action, team, now, importable, instead }: BatchNoteProps) {
  const message = batch.problem?.message
  if (batch.undo) return <AskedUndoNote batch={batch} undo={batch.undo} team={team} now={now} />
  switch (batch.state) {
    case 'rejected':
      return (
        <Note
          tone="bad"
          icon="err"
          title={`Nothing was imported from ${batch.fileName}.`}
          acts={
            <>
              {importable && <MapAndImport batch={batch} action={`${action}/map-and-import`} />}
              <a class="btn sm" href={`/teams/${team.team}/configure#map`}>
                Check the mapping
              </a>
            </>
          }
        >
          {message} {importable && 'The file is still in place.'}
          {instead && ` The next older file, ${instead.fileName}, was tried instead.`}
        </Note>
      )
    case 'failed':
      return (
        <Note tone="bad" icon="err" title={`${batch.fileName} could not be imported.`}>
          {message}
        </Note>
      )
    case 'undone':
      return <UndoneNote batch={batch} team={team} now={now} />
    case 'held':
      return <Held batch={batch} action={action} />
    case 'aborted':
      return (
        <Note icon="stop" title={`${batch.fileName} was not imported.`}>
          {message ?? 'The run was stopped; nothing of this file was imported, and it is still in place.'}
        </Note>
      )
    default:
      return batch.warnings.W_AFTER_IMPORT_FAILED ? (
        <Note tone="warn" icon="archive" title={`Imported, but ${batch.fileName} could not be moved or deleted.`}>
          It is marked as done and will not be imported twice.
        </Note>
      ) : null
  }
}

/** Takes the likely column for the first missing one; a second one is offered by the run that this starts. */
function MapAndImport({ batch, action }: { batch: Batch; action: string }) {
  const missing = batch.problem?.columns?.find(({ likely }) => likely !== null)
  if (!missing?.likely) return null
  const { column, confidence } = missing.likely
  return (
    <Form action={action}>
      <input type="hidden" name="field" value={missing.field} />
      <input type="hidden" name="column" value={column} />
      <button class={confidence === 'confident' ? 'btn sm primary' : 'btn sm'} type="submit">
        Map {column} and import
      </button>
    </Form>
  )
}
