import type { FileHeadResult } from '../../ingest/file-head.ts'
import type { FileCheck } from '../../model/check.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import type { Frame } from '../frame.ts'
import { Form } from './components/form.tsx'
import { Icon } from './components/icon.tsx'
import { Badge, Card, Empty, Head, Note } from './components/parts.tsx'
import { counted, figure, share, size } from './format.ts'
import { ColumnsOf, wantedColumns } from './manual-columns.tsx'
import { shell } from './shell.tsx'

export interface ManualImportView {
  team: Team
  settings: ImportSettings
  ready: boolean
  /** Whether another run of the team stands in the way. */
  going: boolean
  /** The file that was uploaded, checked and is waiting for a word. */
  given: GivenView | null
  /** Why what was asked for did not happen. */
  refused: string | null
}

export interface GivenView {
  fileName: string
  bytes: number
  head: FileHeadResult
  check: FileCheck
  /** What has it imported; null for a file that cannot be. */
  ticket: string | null
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
              <ChooseFile view={view} />
              <ColumnsOf
                team={team}
                settings={view.settings}
                head={view.given?.head ?? null}
                check={view.given?.check ?? null}
              />
              <Import view={view} />
            </div>
            <Needs view={view} />
          </div>
        )}
        <p class="vh" role="status" id="announce" />
      </>
    ),
  })
}

function ChooseFile({ view: { team, settings, given } }: { view: ManualImportView }) {
  return (
    <Card
      id="choose"
      title="1. File"
      aside={
        given?.ticket && (
          <Badge tone="ok" icon="check">
            Checked
          </Badge>
        )
      }
    >
      <Form class="card-b stack" id="given" action={`/teams/${team.team}/manual-import`} enctype="multipart/form-data">
        <label class="drop empty" for="file" id="drop">
          <Icon name="upload" />
          <h3>
            <span class="t-accent">Choose a file</span> <span class="only-js">or drop it here</span>
          </h3>
          <p>Comma or tab separated, of any size</p>
          <input class="vh" type="file" id="file" name="file" accept=".csv,.tsv,.txt" required />
        </label>
        <div class="row only-plain">
          <button class="btn" type="submit">
            Upload and check
          </button>
          <span class="small muted">Nothing is imported before you say so.</span>
        </div>
        <div class="row" id="chosen" hidden={!given}>
          <Icon name="file" />
          <div class="grow">
            <div class="mono small trunc" data-name>
              {given?.fileName}
            </div>
            <div class="xs muted" data-size>
              {given && [size(given.bytes), ...readAs(given, settings)].join(', ')}
            </div>
          </div>
        </div>
      </Form>
    </Card>
  )
}

/** How the file was read, as its person may compare it with what they meant. */
function readAs({ head, check, ticket }: GivenView, { file }: ImportSettings): string[] {
  if (!head.ok) return []
  const { columns, encoding } = head.head
  const records = ticket === null ? [] : [counted(check.counts.records, 'record')]
  return [`${file.delimiter} separated`, counted(columns.length, 'column'), ...records, encoding.toUpperCase()]
}

function Import({ view: { team, given, refused } }: { view: ManualImportView }) {
  const path = `/teams/${team.team}/manual-import`
  return (
    <Card
      id="import"
      title="3. Import"
      aside={given?.ticket && <span class="small">Dry run of all {counted(given.check.counts.records, 'record')}</span>}
    >
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
        <div class="note bad" id="refused" role="alert" hidden={refused === null}>
          <Icon name="err" />
          <div class="grow" data-words>
            {refused}
          </div>
        </div>
        {given?.check.problem && (
          <Note tone="bad" icon="err" title="This file cannot be imported.">
            {given.check.problem.message}
          </Note>
        )}
        {given?.ticket ? (
          <>
            <Counts check={given.check} />
            <div class="row">
              <Form action={`${path}/confirm`}>
                <input type="hidden" name="file" value={given.ticket} />
                <button class="btn primary" type="submit" id="start">
                  Import {counted(given.check.counts.imported, 'record')}
                </button>
              </Form>
              <Form action={`${path}/discard`}>
                <input type="hidden" name="file" value={given.ticket} />
                <button class="btn" type="submit">
                  Discard
                </button>
              </Form>
              <span class="small muted" id="why">
                Nothing is written yet. The recap goes to the list, and to you.
              </span>
            </div>
          </>
        ) : (
          <div class="row">
            <button class="btn primary" type="button" id="start" disabled>
              Import
            </button>
            <span class="small muted" id="why">
              {given ? 'Choose another file.' : 'Choose a file first. It is checked before anything is imported.'}
            </span>
          </div>
        )}
      </div>
    </Card>
  )
}

/** What an import would do with each record, in counts, and why some would be rejected. */
function Counts({ check: { counts, errors } }: { check: FileCheck }) {
  const { records, created, updated, unchanged, rejected, superseded, optedOut } = counts
  return (
    <>
      <div class="bar lg" aria-hidden="true">
        {created > 0 && <i class="new" style={`width:${share(created, records)}`} />}
        {updated > 0 && <i class="chg" style={`width:${share(updated, records)}`} />}
        {unchanged + superseded > 0 && <i class="same" style={`width:${share(unchanged + superseded, records)}`} />}
        {rejected > 0 && <i class="err" style={`width:${share(rejected, records)}`} />}
      </div>
      <p class="small" id="counts">
        {figure(created)} created, {figure(updated)} updated, {figure(unchanged)} unchanged, {figure(superseded)}{' '}
        superseded, <span class={rejected > 0 ? 't-bad' : ''}>{figure(rejected)} rejected</span>
        {optedOut > 0 && `; ${figure(optedOut)} opted out by it`}
      </p>
      {errors.length > 0 && (
        <ul class="small soft">
          {errors.map(({ code, field, records, samples }) => (
            <li>
              {counted(records, 'record')}: {field ?? 'the record as a whole'}, <code>{code}</code>
              {samples[0] && `. Line ${figure(samples[0].line)}: ${samples[0].message}`}
            </li>
          ))}
        </ul>
      )}
    </>
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
