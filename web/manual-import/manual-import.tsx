import type { FileHeadResult } from '../../ingest/reading/file-head.ts'
import type { FileCheck } from '../../model/check.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import { Empty, Head, Note } from '../ui/components/parts.tsx'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'
import { ChooseFile } from './choose-file.tsx'
import { ColumnsOf, wantedColumns } from './columns.tsx'
import { Import } from './counts.tsx'

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
