import { FIELD_TITLES } from '../../../model/import-settings.ts'
import { Choice, ColumnField, Err, faultOf, idOf, TextField } from '../../ui/components/fields.tsx'
import { Card, Chip, Status } from '../../ui/components/parts.tsx'
import { figure } from '../../ui/format.ts'
import { aliasName, columnsOf, MAPPED_FIELDS, type SettingsDraft } from '../settings-draft.ts'
import { type Suggestion, suggestionFor } from '../suggestions.ts'
import type { ConfigureView, NewestFile } from '../view.ts'
import { ColumnChecked } from './dry-run.tsx'

const SAMPLES_SHOWN = 3

/** The first distinct values of a column in the newest file, or a note that it lacks the column; and what is suggested. */
export function Samples({ view, column, id }: { view: ConfigureView; column: string; id: string }) {
  const { newest } = view
  const written = writtenAs(view, column, id)
  const suggestion = suggestionFor(id, written, view)
  const isAbsent = newest !== null && column.trim() !== '' && columnAt(newest, written) < 0
  const samples = samplesOf(newest, written)
    .slice(0, SAMPLES_SHOWN)
    .map((value) => <Chip value={value} />)
  return (
    <span class={suggestion || isAbsent ? 'row' : 'samples'} id={`${idOf(id)}-samples`} data-fragment>
      {isAbsent && (
        <Status icon="x" tone="bad">
          Not in this file
        </Status>
      )}
      <Suggested suggestion={suggestion} setting={id} />
      {suggestion ? samples.length > 0 && <span class="samples">{samples}</span> : samples}
    </span>
  )
}

/** The name under which the newest file has the column: its own, or an alias. */
function writtenAs({ newest, draft }: ConfigureView, column: string, setting: string): string {
  const additional = /^additionalFields\.(\d+)\./.exec(setting)
  const field = additional ? draft.additionalFields[Number(additional[1])]?.name : setting.replace('fields.', '')
  const names = [column, ...(draft.aliases[field ?? ''] ?? [])]
  return names.find((name) => newest && columnAt(newest, name) >= 0) ?? column
}

/** Other names of the column that files had; each can be dropped. */
export function Aliases({ draft, field }: { draft: SettingsDraft; field: string }) {
  return (
    <>
      {(draft.aliases[field] ?? []).map((alias, index) => (
        <label class="small block">
          <input type="checkbox" name={aliasName(field, index)} value={alias} checked /> Also read: <code>{alias}</code>
        </label>
      ))}
    </>
  )
}

function Suggested({ suggestion, setting }: { suggestion: Suggestion | null; setting: string }) {
  if (!suggestion) return null
  if (suggestion.kind === 'chosen')
    return (
      <span class="badge run" title={`Suggested: ${suggestion.because}. Nothing is saved yet.`}>
        Suggested
      </span>
    )
  const { column, confidence, because } = suggestion
  return (
    <>
      <button
        class="btn sm"
        type="submit"
        name="map"
        value={`${setting}=${column}`}
        {...(because && { title: because })}
      >
        Map {column}
      </button>
      {confidence === 'possible' && <span class="small muted">Possible, please check</span>}
    </>
  )
}

function samplesOf(newest: NewestFile | null, column: string): string[] {
  return newest ? [...new Set(newest.samples[columnAt(newest, column)] ?? [])] : []
}

function columnAt({ columns }: NewestFile, column: string): number {
  const name = column.trim()
  const exact = columns.indexOf(name)
  return exact >= 0 ? exact : columns.findIndex((one) => one.toLowerCase() === name.toLowerCase())
}

export function FieldMapping({ view }: { view: ConfigureView }) {
  const { draft, newest, faults } = view
  return (
    <Card
      id="map"
      help="/help/file-format#the-fields"
      title="Field Mapping"
      wideTitle={false}
      aside={
        <>
          <span class="small grow">
            {newest ? (
              <>
                Columns of <code>{newest.name}</code>
                {view.suggested && '. Suggested columns are chosen below; nothing is saved yet'}
              </>
            ) : (
              'No file is waiting: type the names of its columns, or upload one first'
            )}
          </span>
          {newest && (
            <button class="btn sm" type="submit" name="check" value="1">
              Check newest file
            </button>
          )}
        </>
      }
    >
      <div class="tw">
        <table class="tbl cards map">
          <thead>
            <tr>
              <th>Field</th>
              <th>Column in the file</th>
              {newest && <th>In the newest file</th>}
              {newest && <th>Check</th>}
            </tr>
          </thead>
          <tbody>
            {MAPPED_FIELDS.map((field) => (
              <tr>
                <td>
                  <label for={`fields-${field}`}>
                    <b>{FIELD_TITLES[field]}</b>
                  </label>{' '}
                  {field === 'staffId' && <span class="opt small">optional</span>}
                </td>
                <td>
                  <ColumnField
                    name={`fields.${field}`}
                    label={`${FIELD_TITLES[field]} column`}
                    value={draft.fields[field]}
                    columns={newest?.columns ?? null}
                    faults={faults}
                    none={field === 'staffId' ? 'Not imported' : 'Choose a column'}
                  />
                  <Aliases draft={draft} field={field} />
                </td>
                {newest && (
                  <td class="wide" data-l="In the newest file">
                    <Samples view={view} column={draft.fields[field]} id={`fields.${field}`} />
                  </td>
                )}
                {newest && (
                  <td data-l="Check">
                    <ColumnChecked
                      view={view}
                      field={FIELD_TITLES[field]}
                      column={draft.fields[field]}
                      id={`fields.${field}`}
                    />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <footer>
        <Unused view={view} />
        Column names match regardless of case and surrounding spaces.
      </footer>
    </Card>
  )
}

function Unused({ view: { newest, draft } }: { view: ConfigureView }) {
  const used = new Set(columnsOf(draft).map((column) => column.trim().toLowerCase()))
  const unused = newest?.columns.filter((column) => !used.has(column.toLowerCase())) ?? []
  return (
    <span id="unused" data-fragment>
      {unused.length > 0 && (
        <>
          Not used:{' '}
          {unused.map((column, index) => (
            <>
              {index > 0 && ', '}
              <code>{column}</code>
            </>
          ))}
          .{' '}
        </>
      )}
    </span>
  )
}

export function OptOut({ view }: { view: ConfigureView }) {
  const { draft, newest, faults } = view
  const { texts } = draft
  return (
    <Card
      id="opt"
      help="/help/administrators#who-is-not-texted"
      title="Opt-Out Settings"
      wideTitle={false}
      aside={<span class="small grow">Optional. Each contact’s texting preference, from a column of the file</span>}
    >
      <div class="card-b stack">
        <div class="grid3">
          <div class="field">
            <label for="optOut-column">Column in the file</label>
            <ColumnField
              name="optOut.column"
              label="Opt-out column"
              value={texts['optOut.column']}
              columns={newest?.columns ?? null}
              faults={faults}
              none="Not imported"
            />
            <Aliases draft={draft} field="optOut" />
            <span class="row" id="optOut-suggested" data-fragment>
              <Suggested
                suggestion={suggestionFor('optOut.column', texts['optOut.column'], view)}
                setting="optOut.column"
              />
            </span>
          </div>
          <TextField
            name="optOut.optInValue"
            label="Value for opted in"
            value={texts['optOut.optInValue']}
            faults={faults}
            mono
          />
          <TextField
            name="optOut.optOutValue"
            label="Value for opted out"
            value={texts['optOut.optOutValue']}
            faults={faults}
            mono
          />
        </div>
        <Err id="optOut" fault={faultOf(faults, 'optOut')} />
        <Choice
          name="optOut.emptyMeans"
          legend="An empty value means"
          value={texts['optOut.emptyMeans']}
          options={[
            { value: 'keep', label: 'Keep what the contact has', small: 'New contacts are opted in.' },
            { value: 'opt_in', label: 'Opted in' },
            { value: 'opt_out', label: 'Opted out' },
          ]}
        />
        <FoundValues view={view} />
      </div>
    </Card>
  )
}

const EMPTY_MEANS = new Map([
  ['keep', 'Kept as it is'],
  ['opt_in', 'Opted in'],
  ['opt_out', 'Opted out'],
])

/** Each value of the opt-out column and its meaning: of the whole file after a dry run, else of the first records. */
function FoundValues({ view: { newest, draft, check } }: { view: ConfigureView }) {
  const { texts } = draft
  const column = texts['optOut.column']
  const at = newest?.columns.findIndex((one) => one.toLowerCase() === column.trim().toLowerCase()) ?? -1
  const first = column === '' ? [] : (newest?.samples[at] ?? [])
  const whole = check?.optOutValues ?? null
  const found =
    whole ??
    [...Map.groupBy(first, (value) => value.trim().toLowerCase()).values()].map((all) => ({
      value: all[0] ?? '',
      records: all.length,
    }))
  const readAs = (written: string) => {
    const value = written.trim().toLowerCase()
    if (value === '') return EMPTY_MEANS.get(texts['optOut.emptyMeans'])
    if (value === texts['optOut.optInValue'].trim().toLowerCase()) return 'Opted in'
    return value === texts['optOut.optOutValue'].trim().toLowerCase() ? 'Opted out' : null
  }
  const others = check?.otherOptOutValues ?? 0
  return (
    <div id="found-values" data-fragment>
      {found.length > 0 && (
        <div class="tw boxed">
          <table class="tbl cards">
            <thead>
              <tr>
                <th>{whole ? 'Found in the file' : `Found in the first ${figure(first.length)} records`}</th>
                <th class="num">Records</th>
                <th>Is read as</th>
              </tr>
            </thead>
            <tbody>
              {found.map(({ value, records }) => (
                <tr>
                  <td>
                    <Chip value={value} />
                  </td>
                  <td class="num" data-l="Records">
                    {figure(records)}
                  </td>
                  <td data-l="Is read as">
                    {readAs(value) ?? <span class="t-bad">Neither: the record is rejected</span>}
                  </td>
                </tr>
              ))}
              {others > 0 && (
                <tr>
                  <td>Other values</td>
                  <td class="num" data-l="Records">
                    {figure(others)}
                  </td>
                  <td />
                </tr>
              )}
            </tbody>
          </table>
        </div>
      )}
    </div>
  )
}
