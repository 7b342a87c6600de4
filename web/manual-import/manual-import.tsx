import { Empty, Head, Note } from '../ui/components/parts.tsx'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'
import { ChooseFile } from './choose-file.tsx'
import { ColumnsOf, wantedColumns } from './columns.tsx'
import { Import } from './counts.tsx'
import type { ManualImportView } from './view.ts'

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
          sub="Import a file from this computer, with the same field mapping as FTP imports."
        />
        {!ready ? (
          <section class="card">
            <Empty
              alone
              icon="config"
              title="Columns are not mapped yet"
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
                  title="A run is in progress."
                  acts={
                    <a class="btn sm" href={`${base}/imports`}>
                      See it
                    </a>
                  }
                >
                  You can import a file when it has finished.
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
            Optional: <code class="wrap">{optional.map(({ column }) => column).join(', ')}</code>.
          </p>
        )}
        <p>
          <a href={`/teams/${team.team}/manual-import/template`} download>
            Download an empty template
          </a>
        </p>
        <p class="muted">Contacts that are not in the file stay as they are. An import never deletes contacts.</p>
      </div>
    </aside>
  )
}
