import type { WarningCode } from '../../model/codes.ts'
import { FIELD_TITLES, REQUIRED_FIELDS } from '../../model/import-settings.ts'
import { keptNote, notKept } from '../../model/run.ts'
import { ERROR_TITLES } from '../../model/wording/code-titles.ts'
import type { ErrorGroup, ErrorSample } from '../../store/runs/run-errors.ts'
import { Icon } from '../ui/components/icon.tsx'
import { Card, Scroll } from '../ui/components/parts.tsx'
import { runTotals } from '../ui/components/run-badge.tsx'
import { counted, figure } from '../ui/format.ts'
import type { RunView } from './view.ts'

export function Errors({ view }: { view: RunView }) {
  const { rejected } = runTotals(view.run)
  const lacking = view.run.batches.filter((batch) => notKept(batch) > 0)
  return (
    <Card
      id="errors"
      title="Errors by message"
      wideTitle={false}
      aside={
        <span class="small grow">
          {counted(rejected, 'record')}, {counted(view.errors.length, 'message')}
        </span>
      }
    >
      {lacking.map((batch) => (
        <p class="small muted card-b">
          {batch.fileName}: {keptNote(batch)}
        </p>
      ))}
      <div class="errs">
        <div class="errs-h" aria-hidden="true">
          <span />
          <span>Message</span>
          <span>Field</span>
          <span>Records</span>
        </div>
        {view.errors.map((group, index) => (
          <Group group={group} view={view} open={index === 0} />
        ))}
      </div>
    </Card>
  )
}

function Group({ group, view, open }: { group: ErrorGroup; view: RunView; open: boolean }) {
  const { code, field, records, samples } = group
  const title = ERROR_TITLES[code](field ?? 'A value')
  const column = columnOf(view, field)
  return (
    <details open={open}>
      <summary>
        <Icon name="chev" />
        <div>
          <b>{title}</b>
          <p>
            <code>{code}</code>
          </p>
        </div>
        <span class="soft">{field ?? 'Whole record'}</span>
        <b>{figure(records)}</b>
      </summary>
      <div class="in-rows">
        <Scroll label={`Sample records: ${title}`}>
          <table class="tbl">
            <thead>
              <tr>
                <th>Batch</th>
                <th class="num">Line</th>
                <th>Contact ID</th>
                <th class="hide-s">Name</th>
                <th>{column ? 'Value in the file' : 'Message'}</th>
              </tr>
            </thead>
            <tbody>
              {samples.map((sample) => (
                <SampleLine sample={sample} column={column} view={view} />
              ))}
            </tbody>
          </table>
        </Scroll>
        <p class="small muted">
          {records > samples.length && `${samples.length} of ${counted(records, 'record')}. `}
          {view.run.batches.every((batch) => notKept(batch) === 0)
            ? 'All of them are in the error file.'
            : 'Those that are kept are in the error file.'}
        </p>
      </div>
    </details>
  )
}

function SampleLine({ sample, column, view }: { sample: ErrorSample; column: string | null; view: RunView }) {
  const { run, headers, settings } = view
  const header = headers.get(sample.batchId) ?? []
  const whole = sample.values.length === header.length
  const value = (name: string | null | undefined) => {
    if (!name || !whole) return null
    const wanted = name.trim().toLowerCase()
    const at = header.findIndex((one) => one.trim().toLowerCase() === wanted)
    return at < 0 ? null : (sample.values[at] ?? null)
  }
  const shown = value(column)
  const name = [value(settings?.fields.firstName), value(settings?.fields.lastName)].filter(Boolean).join(' ')
  return (
    <tr>
      <td>{run.batches.findIndex(({ id }) => id === sample.batchId) + 1}</td>
      <td class="num">{figure(sample.line)}</td>
      <td>{sample.contactId ?? <span class="muted">unknown</span>}</td>
      <td class="nowrap hide-s">{name}</td>
      <td>
        {column && shown !== null ? (
          shown.trim() === '' ? (
            <span class="chip nil">empty</span>
          ) : (
            <code class="cellerr">{shown}</code>
          )
        ) : (
          sample.message
        )}
      </td>
    </tr>
  )
}

/** The column of the file that feeds a field; null where the whole record is meant. */
function columnOf({ settings }: RunView, field: string | null): string | null {
  if (!settings || field === null) return null
  const { fields, optOut, additionalFields } = settings
  const standard = [...REQUIRED_FIELDS, 'staffId' as const].find((name) => FIELD_TITLES[name] === field)
  if (standard) return fields[standard]
  return additionalFields.find(({ name }) => name === field)?.column ?? optOut?.column ?? null
}

export function Warnings({ view: { run, warnings } }: { view: RunView }) {
  const counts = new Map<string, number>()
  for (const batch of run.batches)
    for (const [code, times] of Object.entries(batch.warnings)) counts.set(code, (counts.get(code) ?? 0) + times)
  if (counts.size === 0) return null
  const example = (code: string) => warnings.find((warning) => warning.code === (code as WarningCode))?.message
  return (
    <Card id="warnings" title="Warnings" aside={<span class="small">Imported with warnings</span>}>
      <ul class="files card-b">
        {[...counts].map(([code, times]) => (
          <li>
            <Icon name="warn" tone="warn" />
            <div>
              <code>{code}</code>
              {example(code) && <p>{times > 1 ? `For example: ${example(code)}` : example(code)}</p>}
            </div>
            <b>{figure(times)}</b>
          </li>
        ))}
      </ul>
    </Card>
  )
}
