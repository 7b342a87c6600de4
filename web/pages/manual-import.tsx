import type { FileHeadResult } from '../../ingest/file-head.ts'
import { FIELD_TITLES, type ImportSettings, REQUIRED_FIELDS } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import type { Frame } from '../frame.ts'
import { useFormToken } from './components/form.tsx'
import { Icon } from './components/icon.tsx'
import { Badge, Card, Empty, Head, Note, Status } from './components/parts.tsx'
import { counted } from './format.ts'
import { shell } from './shell.tsx'

export interface ManualImportView {
  team: Team
  settings: ImportSettings
  ready: boolean
  /** Whether another run of the team stands in the way. */
  going: boolean
}

export function manualImportPage(frame: Frame, view: ManualImportView) {
  const { team, ready } = view
  const base = `/teams/${team.team}`
  return shell({
    title: 'Manual Import',
    frame,
    here: 'manual-import',
    scripts: ['manual-import'],
    children: (
      <>
        <Head
          crumbs={[{ label: team.name, href: `${base}/imports` }, { label: 'FTP Integration' }]}
          title="Manual Import"
          sub="Import a file from this computer, under the same field mapping as the FTP imports."
        />
        {!ready ? (
          <section class="card">
            <Empty
              alone
              icon="config"
              title="The columns are not mapped yet"
              acts={
                <a class="btn sm" href={`${base}/configure#map`}>
                  Configure Imports
                </a>
              }
            >
              Contact ID, First Name, Last Name and Mobile Number must be mapped to columns before a file can be
              imported.
            </Empty>
          </section>
        ) : (
          <div class="split">
            <div class="stack sections">
              {view.going && (
                <Note
                  icon="clock"
                  title="A run is going."
                  acts={
                    <a class="btn sm" href={`${base}/imports`}>
                      See it
                    </a>
                  }
                >
                  A file can be imported by hand once it has ended.
                </Note>
              )}
              <ChooseFile team={team} />
              <ColumnsOf view={view} head={null} />
              <Import />
            </div>
            <Needs view={view} />
          </div>
        )}
      </>
    ),
  })
}

function ChooseFile({ team }: { team: Team }) {
  return (
    <Card id="choose" title="1. File">
      <div class="card-b stack">
        <label class="drop empty only-js" for="file" id="drop">
          <Icon name="upload" />
          <h3>
            <span class="t-accent">Choose a file</span> or drop it here
          </h3>
          <p>Comma or tab separated, of any size</p>
          <input
            class="vh"
            type="file"
            id="file"
            accept=".csv,.tsv,.txt"
            data-team={team.team}
            data-form-token={useFormToken()}
          />
        </label>
        <div class="only-plain">
          <Note icon="info" title="Choosing a file here needs scripts.">
            Without them, upload the file by FTP and press Run Import, or send it with a token:{' '}
            <code>curl -T file.csv …/api/teams/{team.team}/manual-import?fileName=file.csv</code>
          </Note>
        </div>
        <div class="row" id="chosen" hidden>
          <Icon name="file" />
          <div class="grow">
            <div class="mono small trunc" data-name />
            <div class="xs muted" data-size />
          </div>
        </div>
      </div>
    </Card>
  )
}

/** Which of the mapped columns the chosen file has; a place for that before one is chosen. */
export function ColumnsOf({
  view: { settings, team },
  head,
}: {
  view: Pick<ManualImportView, 'settings' | 'team'>
  head: FileHeadResult | null
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
        <div class="tw">
          <table class="tbl cards">
            <thead>
              <tr>
                <th>Field</th>
                <th>Column</th>
                <th>In this file</th>
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
                </tr>
              ))}
            </tbody>
          </table>
        </div>
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
          Columns that are not mapped are left out: <code class="wrap">{unused.join(', ')}</code>
        </footer>
      )}
    </section>
  )
}

interface WantedColumn {
  title: string
  column: string
  required: boolean
  /** What happens where the file does not have it. */
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
      ? [{ title: 'Opt-out', column: optOut.column, required: false, absent: 'preferences stay as they are' }]
      : []),
    ...additionalFields.map(({ name, column, required }) => ({ title: name, column, required, absent })),
  ]
}

function Import() {
  return (
    <Card id="import" title="3. Import">
      <div class="card-b stack">
        <div class="stack-2" id="upload" hidden>
          <div class="row between">
            <span class="small" data-words>
              Uploading
            </span>
            <button class="btn sm danger" type="button" id="cancel">
              Cancel
            </button>
          </div>
          <div
            class="bar lg"
            role="progressbar"
            aria-label="Upload"
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={0}
          >
            <i />
          </div>
        </div>
        <div class="note bad" id="refused" role="alert" hidden>
          <Icon name="err" />
          <div class="grow" data-words />
        </div>
        <div class="row">
          <button class="btn primary" type="button" id="start" disabled>
            Import
          </button>
          <span class="small muted" id="why">
            Choose a file first.
          </span>
        </div>
        <p class="vh" role="status" id="announce" />
      </div>
    </Card>
  )
}

function Needs({ view: { team, settings } }: { view: ManualImportView }) {
  const wanted = wantedColumns(settings)
  const optional = wanted.filter(({ required }) => !required)
  return (
    <aside class="card" aria-label="What the file needs">
      <header>
        <h2>What the file needs</h2>
      </header>
      <div class="card-b stack small">
        <p class="soft">A header line with these columns. Their order does not matter.</p>
        <div class="row">
          {wanted
            .filter(({ required }) => required)
            .map(({ column }) => (
              <span class="chip">{column}</span>
            ))}
        </div>
        {optional.length > 0 && (
          <p class="soft">
            Taken if present: <code class="wrap">{optional.map(({ column }) => column).join(', ')}</code>.
          </p>
        )}
        <p>
          <a href={`/teams/${team.team}/manual-import/template`} download>
            Download an empty template
          </a>
        </p>
        <p class="muted">Contacts that are not in the file are left alone. Nothing is ever deleted by an import.</p>
      </div>
    </aside>
  )
}
