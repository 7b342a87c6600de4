import type { Child } from 'hono/jsx'
import { differences } from '../http/audit-diff.ts'
import { FaultSummary } from '../ui/components/fields.tsx'
import { Form } from '../ui/components/form.tsx'
import { Icon } from '../ui/components/icon.tsx'
import { Head, Note } from '../ui/components/parts.tsx'
import { counted } from '../ui/format.ts'
import type { Frame } from '../ui/frame.ts'
import { shell, Toast } from '../ui/shell.tsx'
import { AdditionalFields } from './sections/additional-fields.tsx'
import { Schedule } from './sections/daily-windows.tsx'
import { Preview, WhatWouldHappen } from './sections/dry-run.tsx'
import { FieldMapping, OptOut } from './sections/field-mapping.tsx'
import { FileInformation } from './sections/file-information.tsx'
import { FurtherRules } from './sections/further-rules.tsx'
import { MatchingFiles } from './sections/matching-files.tsx'
import { NotificationEmails } from './sections/notification-emails.tsx'
import { Pauses } from './sections/pauses.tsx'
import { Results } from './sections/results.tsx'
import { Webhook } from './sections/webhook.tsx'
import { draftOf, flatDraft, settingTitle } from './settings-draft.ts'
import type { ConfigureView } from './view.ts'

export function configurePage(frame: Frame, view: ConfigureView, savedNow: number | null) {
  const { team, saved, draft } = view
  return shell({
    title: 'Configure Imports',
    frame,
    here: 'configure',
    scripts: ['configure'],
    children: (
      <>
        <Head
          crumbs={[{ label: team.name, href: `/teams/${team.team}/imports` }, { label: 'FTP Integration' }]}
          title="Configure Imports"
          sub={
            saved.version === 0
              ? 'Not saved yet. Manual Import uses the same field mapping.'
              : `Version ${saved.version}. Manual Import uses the same field mapping.`
          }
          acts={
            view.newest && (
              <button class="btn" type="submit" form="cfg" name="check" value="1">
                <Icon name="play" />
                Dry run
              </button>
            )
          }
        />
        <FaultSummary faults={view.faults} />
        <Conflict view={view} />
        <ConfirmDelete view={view} />
        <Jump />
        <Form
          class="form3"
          id="cfg"
          action={`/teams/${team.team}/configure`}
          data-saved={JSON.stringify(flatDraft(draftOf(saved)))}
          data-opened={JSON.stringify(flatDraft(view.suggested ? draft : draftOf(saved)))}
          novalidate
        >
          <input type="hidden" name="version" value={String(draft.version)} />
          {/* What Enter presses: the first button of a form, which must be the harmless one. */}
          <button class="vh" type="submit" name="try" value="1" tabindex={-1}>
            Try on the newest file
          </button>
          <div class="stack sections">
            <FileInformation view={view} />
            <Schedule view={view} />
            <Pauses view={view} />
            <NotificationEmails view={view} />
            <Results view={view} />
            <Webhook view={view} />
            <FieldMapping view={view} />
            <OptOut view={view} />
            <AdditionalFields view={view} />
            <FurtherRules view={view} />
          </div>
          <aside class="rail" aria-label="With these settings" id="rail" data-fragment>
            <WhatWouldHappen check={view.check} />
            <MatchingFiles view={view} />
          </aside>
        </Form>
        <Form id="test-email" action={`/teams/${team.team}/test-email`} />
        <Form id="test-webhook" action={`/teams/${team.team}/test-webhook`} />
        <Preview view={view} />
        <p class="vh" role="status" id="announce" />
        <SaveBar view={view} />
        {savedNow !== null && (
          <Toast>
            Saved as version {savedNow}
            {savedNow > 1 && <Undo team={team.team} version={savedNow} />}
          </Toast>
        )}
      </>
    ),
  })
}

function Jump() {
  const sections: [string, string][] = [
    ['file', 'File Information'],
    ['schedule', 'Schedule'],
    ['pauses', 'Pauses'],
    ['mail', 'Notification Emails'],
    ['results', 'Results for the Sender'],
    ['webhook', 'Webhook'],
    ['map', 'Field Mapping'],
    ['opt', 'Opt-Out Settings'],
    ['more', 'Additional Fields'],
    ['rules', 'Further rules'],
  ]
  return (
    <nav class="jump" aria-label="Sections">
      {sections.map(([id, title]) => (
        <a href={`#${id}`}>{title}</a>
      ))}
    </nav>
  )
}

function SaveBar({ view: { changed, team } }: { view: ConfigureView }) {
  return (
    <div class="savebar" id="savebar">
      <div>
        <span class="grow small" data-changes>
          {changed.length === 0 ? (
            <span class="muted">No unsaved changes</span>
          ) : (
            <>
              <span class="st">
                <span class="dot warn" />
                <b>{counted(changed.length, 'unsaved change')}</b>
              </span>{' '}
              <span class="muted">{changed.join(', ')}</span>
            </>
          )}
        </span>
        <a class="btn" href={`/teams/${team.team}/configure`} data-discard>
          Discard
        </a>
        <button class="btn only-plain" type="submit" form="cfg" name="try" value="1">
          Try on the newest file
        </button>
        <button class="btn primary" type="submit" form="cfg" name="save" value="1">
          Save changes
        </button>
      </div>
    </div>
  )
}

function Undo({ team, version }: { team: string; version: number }) {
  return (
    <Form action={`/teams/${team}/configure/undo`}>
      <input type="hidden" name="version" value={String(version)} />
      <button type="submit">Undo</button>
    </Form>
  )
}

/** Another person saved since the form was opened: both versions side by side. */
function Conflict({ view: { conflict, draft } }: { view: ConfigureView }) {
  if (!conflict) return null
  const { by, theirs } = conflict
  const rows = Object.entries(differences(flatDraft(draftOf(theirs)), flatDraft(draft)))
  return (
    <div class="note warn" role="alert" tabindex={-1} data-focus>
      <Icon name="warn" />
      <div class="grow stack-2">
        <p>
          <b>
            {by} saved version {theirs.version} while you were editing.
          </b>{' '}
          Nothing was overwritten. Your version is below; saving again replaces theirs.
        </p>
        <div class="tw">
          <table class="tbl cards">
            <thead>
              <tr>
                <th>Setting</th>
                <th>Saved by {by}</th>
                <th>Yours</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(([path, { from, to }]) => (
                <tr>
                  <th scope="row">{settingTitle(path)}</th>
                  <td class="wide" data-l={`Saved by ${by}`}>
                    <Value>{from}</Value>
                  </td>
                  <td class="wide" data-l="Yours">
                    <Value>{to}</Value>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </div>
  )
}

function Value({ children }: { children: unknown }) {
  const text: Child =
    children === null || children === '' ? <span class="muted">none</span> : <code>{String(children)}</code>
  return <>{text}</>
}

function ConfirmDelete({ view: { confirmDelete, saved, team } }: { view: ConfigureView }) {
  if (!confirmDelete) return null
  const { afterImport } = saved.file
  return (
    <div role="alertdialog" aria-labelledby="delete-h" tabindex={-1} data-focus>
      <Note
        tone="warn"
        icon="trash"
        title={<span id="delete-h">Delete files after import?</span>}
        acts={
          <>
            <a class="btn sm" href={`/teams/${team.team}/configure`}>
              Keep moving them
            </a>
            <button class="btn sm danger" type="submit" form="cfg" name="save" value="delete">
              Delete after import
            </button>
          </>
        }
      >
        From the next run on, imported files are deleted and cannot be restored.{' '}
        {afterImport.action === 'move' && (
          <>
            Until now they were moved to <code>{afterImport.path}</code>.
          </>
        )}
      </Note>
    </div>
  )
}
