import { LEFT_REASONS, undoWords } from '../../ingest/telling/undo-summary.ts'
import type { AskedUndo, Batch, Run, UndoFigures } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import { Form } from '../ui/components/form.tsx'
import { Icon } from '../ui/components/icon.tsx'
import { Card, Head, Note } from '../ui/components/parts.tsx'
import { counted, figure, momentWithin } from '../ui/format.ts'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'

/** Asks for confirmation and shows what an undo will do. */
export function undoPage(
  frame: Frame,
  { team, run, batch, figures }: { team: Team; run: Run; batch: Batch; figures: UndoFigures },
) {
  const base = `/teams/${team.team}`
  const { restored, removed, left, leftContacts } = figures
  return shell({
    title: `Undo ${batch.fileName}`,
    frame,
    here: 'imports',
    children: (
      <>
        <Head
          crumbs={[
            { label: team.name, href: `${base}/imports` },
            { label: 'Runs', href: `${base}/runs` },
            { label: `Run #${run.number}`, href: `${base}/runs/${run.id}` },
          ]}
          title="Undo this import?"
          sub={
            <>
              {batch.fileName}, imported{' '}
              {momentWithin(new Date(batch.finishedAt ?? run.createdAt), team.timeZone, frame.now)}
            </>
          }
        />
        <Card id="undo" title="What will happen">
          <div class="card-b stack">
            <ul>
              <li>
                <b>{counted(restored, 'contact')}</b> that it updated will be restored to the earlier values.
              </li>
              <li>
                <b>{counted(removed, 'contact')}</b> that it created will be removed.
              </li>
              <li>
                <b>{counted(left, 'contact')}</b> changed since and will stay as is.
              </li>
            </ul>
            {left > 0 && <Left left={left} contacts={leftContacts} team={team} />}
            <p class="soft">
              People who opted out themselves or through an administrator stay opted out. The file is not imported again
              automatically, and everyone on the list gets an e-mail. An undo cannot be undone. It runs in the
              background; no import of the team starts before it has finished.
            </p>
            <Form class="row">
              <a class="btn" href={`${base}/runs/${run.id}`}>
                Keep the import
              </a>
              <button class="btn danger" type="submit">
                Undo the import
              </button>
            </Form>
          </div>
        </Card>
      </>
    ),
  })
}

/** The link to undo a batch, while that is possible. */
export function UndoLink({ batch, base }: { batch: Batch; base: string }) {
  if (batch.undoableUntil === null) return null
  return (
    <a class="btn" href={`${base}/batches/${batch.id}/undo`}>
      <Icon name="undo" />
      Undo import
    </a>
  )
}

/** An undo that is in progress or has failed. */
export function AskedUndoNote({ batch, undo, team, now }: { batch: Batch; undo: AskedUndo; team: Team; now: Date }) {
  const asked = `requested by ${undo.by}, ${momentWithin(new Date(undo.at), team.timeZone, now)}`
  if (undo.state === 'failed')
    return (
      <Note tone="bad" icon="err" title={`The import of ${batch.fileName} could not be undone.`}>
        It was {asked}. Nothing was changed. You can try again; the server log says why under batch {batch.id}.
      </Note>
    )
  return (
    <Note tone="info" icon="undo" title={`The import of ${batch.fileName} is being undone.`}>
      It was {asked}. You can leave this page: it is undone completely or not at all, and everyone on the list gets an
      e-mail. No import of the team starts before that.
    </Note>
  )
}

/** Who undid a batch, and the contacts that stayed as they were. */
export function UndoneNote({ batch, team, now }: { batch: Batch; team: Team; now: Date }) {
  const { undone, fileName } = batch
  if (!undone) return null
  const at = momentWithin(new Date(undone.at), team.timeZone, now)
  return (
    <Note tone="info" icon="undo" title={`The import of ${fileName} was undone by ${undone.by}, ${at}.`}>
      {undoWords(undone)}. The figures below are those of the import.
      {undone.left > 0 && <Left left={undone.left} contacts={undone.leftContacts} team={team} />}
    </Note>
  )
}

function Left({ left, contacts, team }: { left: number; contacts: UndoFigures['leftContacts']; team: Team }) {
  return (
    <details class="more">
      <summary>
        {left > contacts.length
          ? `The first ${figure(contacts.length)} contacts that stay as they are`
          : 'Contacts that stay as they are'}
      </summary>
      <ul class="small">
        {contacts.map(({ contactId, reason }) => (
          <li>
            <a class="mono" href={`/teams/${team.team}/contacts/${encodeURIComponent(contactId)}`}>
              {contactId}
            </a>
            : {LEFT_REASONS[reason]}
          </li>
        ))}
      </ul>
    </details>
  )
}
