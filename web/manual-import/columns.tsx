import type { FileHeadResult } from '../../ingest/reading/file-head.ts'
import type { FileCheck } from '../../model/check.ts'
import { FIELD_TITLES, type ImportSettings, REQUIRED_FIELDS } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import { ColumnWords, OPT_OUT_TITLE } from '../configure/exports.ts'
import { Badge, Note, Scroll, Status } from '../ui/components/parts.tsx'
import { counted } from '../ui/format.ts'

/** The mapped columns and their state in the chosen file; empty before a file is chosen. */
export function ColumnsOf({
  team,
  settings,
  head,
  check = null,
}: {
  team: Team
  settings: ImportSettings
  head: FileHeadResult | null
  /** The result of a check of the whole file. */
  check?: FileCheck | null
}) {
  const wanted = wantedColumns(settings)
  const columns = head?.ok ? head.head.columns : []
  const has = (column: string) => columns.some((one) => one.toLowerCase() === column.trim().toLowerCase())
  const missing = wanted.filter(({ column, required }) => required && !has(column))
  const ok = head?.ok === true && missing.length === 0
  const unused = columns.filter(
    (one) => !wanted.some(({ column }) => column.trim().toLowerCase() === one.toLowerCase()),
  )
  return (
    <section class="card" id="columns" aria-labelledby="columns-h" data-ok={ok ? '1' : ''}>
      <header>
        <h2 id="columns-h" class="grow">
          2. Columns
        </h2>
        {head &&
          (ok ? (
            <Badge tone="ok" icon="check">
              All there
            </Badge>
          ) : (
            <Badge tone="bad" icon="x">
              {head.ok ? `${counted(missing.length, 'column')} missing` : 'Not readable'}
            </Badge>
          ))}
      </header>
      {head && !head.ok ? (
        <div class="card-b">
          <Note tone="bad" icon="err" title="This file cannot be imported.">
            {head.problem}
          </Note>
        </div>
      ) : (
        <Scroll label="Columns of the file">
          <table class="tbl cards">
            <thead>
              <tr>
                <th>Field</th>
                <th>Column</th>
                <th>In this file</th>
                {check && <th>Check</th>}
              </tr>
            </thead>
            <tbody>
              {wanted.map(({ title, column, required, absent }) => (
                <tr>
                  <th scope="row">
                    {title} {required && <span class="opt">required</span>}
                  </th>
                  <td data-l="Column">
                    <code>{column}</code>
                  </td>
                  <td data-l="In this file">
                    {!head ? (
                      <span class="muted">no file yet</span>
                    ) : has(column) ? (
                      <Status icon="check" tone="ok">
                        found
                      </Status>
                    ) : required ? (
                      <Status icon="x" tone="bad">
                        not in this file
                      </Status>
                    ) : (
                      <Status icon="minus" soft>
                        not in this file: {absent}
                      </Status>
                    )}
                  </td>
                  {check && (
                    <td data-l="Check">
                      <ColumnWords check={check} field={title} column={column} />
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {head?.ok && missing.length > 0 && (
        <div class="card-b">
          <Note tone="bad" icon="err" title="This file cannot be imported yet.">
            It has no column {missing.map(({ column }) => `“${column}”`).join(', ')}. Add{' '}
            {missing.length === 1 ? 'it' : 'them'} to the file, or{' '}
            <a href={`/teams/${team.team}/configure#map`}>change the mapping</a>.
          </Note>
        </div>
      )}
      {unused.length > 0 && (
        <footer>
          Columns that are not mapped are ignored: <code class="wrap">{unused.join(', ')}</code>
        </footer>
      )}
    </section>
  )
}

interface WantedColumn {
  title: string
  column: string
  required: boolean
  /** The effect if the file lacks the column. */
  absent: string
}

export function wantedColumns({ fields, optOut, additionalFields, absentColumn }: ImportSettings): WantedColumn[] {
  const absent = absentColumn === 'keep' ? 'stored values stay as they are' : 'stored values are cleared'
  return [
    ...REQUIRED_FIELDS.map((field) => ({
      title: FIELD_TITLES[field],
      column: fields[field] ?? '',
      required: true,
      absent,
    })),
    ...(fields.staffId === null
      ? []
      : [{ title: FIELD_TITLES.staffId, column: fields.staffId, required: false, absent }]),
    ...(optOut
      ? [{ title: OPT_OUT_TITLE, column: optOut.column, required: false, absent: 'preferences stay as they are' }]
      : []),
    ...additionalFields.map(({ name, column, required }) => ({ title: name, column, required, absent })),
  ]
}
