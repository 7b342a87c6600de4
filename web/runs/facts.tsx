import type { ImportSettings } from '../../model/import-settings.ts'
import type { Batch } from '../../model/run.ts'
import { Card } from '../ui/components/parts.tsx'
import { counted, figure, momentWithin, size } from '../ui/format.ts'
import type { RunView } from './view.ts'

export function Batches({ view: { run, shown, settings, team } }: { view: RunView }) {
  return (
    <Card
      id="batches"
      title="Batches"
      aside={
        settings && (
          <span class="small">
            {settings.file.select === 'all_matching'
              ? 'All matching files, oldest first'
              : 'The most recent file that can be read'}
          </span>
        )
      }
    >
      <div class="tw">
        <table class="tbl cards">
          <thead>
            <tr>
              <th class="num">#</th>
              <th>File</th>
              <th class="num">Size</th>
              <th class="num">Records</th>
              <th class="num">Created</th>
              <th class="num">Updated</th>
              <th class="num">Errors</th>
              <th>Now at</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ batch, nth }) => (
              <BatchLine
                batch={batch}
                nth={nth}
                base={run.batches.length > 1 ? `/teams/${team.team}/runs/${run.id}` : null}
              />
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < run.batches.length && (
        <footer>
          and {counted(run.batches.length - shown.length, 'more batch', 'more batches')} without a problem
        </footer>
      )}
    </Card>
  )
}

/** `base` is the address of the run; null without an undo link. */
function BatchLine({ batch, nth, base }: { batch: Batch; nth: number; base: string | null }) {
  const { records, created, updated, rejected } = batch.counts
  return (
    <tr>
      <td class="num hide-s">{nth}</td>
      <th scope="row">
        <span class="mono">{batch.fileName}</span>
        {batch.undone && <span class="small soft block">Undone</span>}
        {base && batch.undoableUntil && (
          <a class="small block" href={`${base}/batches/${batch.id}/undo`}>
            Undo import<span class="vh"> of {batch.fileName}</span>
          </a>
        )}
      </th>
      <td class="num" data-l="Size">
        {size(batch.bytes)}
      </td>
      <td class="num" data-l="Records">
        {figure(records)}
      </td>
      <td class="num" data-l="Created">
        {figure(created)}
      </td>
      <td class="num" data-l="Updated">
        {figure(updated)}
      </td>
      <td class={rejected === 0 ? 'num zero' : 'num t-warn'} data-l="Errors">
        {rejected === 0 ? (
          '0'
        ) : (
          <a href={`/api/batches/${batch.id}/errors.csv`} class="t-warn" download>
            {figure(rejected)}
            <span class="vh"> errors of {batch.fileName}, as a file</span>
          </a>
        )}
      </td>
      <td data-l="Now at">
        <span class="mono soft wrap">{whereNow(batch)}</span>
      </td>
    </tr>
  )
}

function whereNow({ afterImport, path, state, warnings }: Batch): string {
  if (afterImport?.action === 'delete') return 'deleted'
  if (afterImport?.path) return afterImport.path
  const imported = state === 'imported' || state === 'imported_with_errors' || state === 'undone'
  return imported && !warnings.W_AFTER_IMPORT_FAILED ? `${path} (Manual Import, or replaced)` : path
}

/** Files that the run found but did not import, with the reasons. */
export function RunFiles({ view: { run } }: { view: RunView }) {
  const others = run.files.filter(({ verdict }) => verdict !== 'claimed')
  if (others.length === 0) return null
  return (
    <Card id="files" title="Skipped files" aside={<span class="small">{counted(others.length, 'file')}</span>}>
      <div class="tw">
        <table class="tbl cards">
          <thead>
            <tr>
              <th>File</th>
              <th>Why</th>
            </tr>
          </thead>
          <tbody>
            {others.slice(0, 50).map(({ path, reason }) => (
              <tr>
                <th scope="row">
                  <span class="mono">{path}</span>
                </th>
                <td class="soft">{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  )
}

const EMPTY_MEANS = { keep: 'empty keeps', opt_in: 'empty opts in', opt_out: 'empty opts out' } as const

export function RunSettings({ view, settings }: { view: RunView; settings: ImportSettings }) {
  const { team, savedBy, now } = view
  const { file, optOut, additionalFields } = settings
  return (
    <Card
      id="settings"
      title="Settings of this run"
      wideTitle={false}
      aside={
        <>
          <span class="small grow">
            Version {settings.version}
            {savedBy && `, saved by ${savedBy.by} ${momentWithin(savedBy.at, team.timeZone, now)}`}
          </span>
          <a class="small" href={`/teams/${team.team}/configure`}>
            Configure Imports
          </a>
        </>
      }
    >
      <div class="card-b grid2">
        <dl class="kv roomy">
          <dt>Files</dt>
          <dd>
            <code>
              {file.path === '/' ? '' : file.path}/{file.namePrefix}*
            </code>
          </dd>
          <dt>Taken</dt>
          <dd>{file.select === 'all_matching' ? 'all matching files' : 'the most recent file'}</dd>
          <dt>Delimiter</dt>
          <dd>{file.delimiter}</dd>
        </dl>
        <dl class="kv roomy">
          <dt>After import</dt>
          <dd>
            {file.afterImport.action === 'delete' ? (
              'delete'
            ) : (
              <>
                move to <code>{file.afterImport.path}</code>
              </>
            )}
          </dd>
          <dt>Opt-out</dt>
          <dd>
            {optOut ? (
              <>
                <code>{optOut.column}</code>, in “{optOut.optInValue}”, out “{optOut.optOutValue}”,{' '}
                {EMPTY_MEANS[optOut.emptyMeans]}
              </>
            ) : (
              'not imported'
            )}
          </dd>
          <dt>Fields</dt>
          <dd>
            {settings.fields.staffId === null ? 4 : 5} standard, {additionalFields.length} additional
          </dd>
        </dl>
      </div>
    </Card>
  )
}
