import { actionsOf } from '../../ingest/decisions.ts'
import type { Batch } from '../../model/run.ts'
import { Form } from '../ui/components/form.tsx'
import { Card, Note, Scroll } from '../ui/components/parts.tsx'
import { counted, figure } from '../ui/format.ts'

/** Why a batch is held and what it would change, with the buttons to decide; or the decision. */
export function Held({ batch, action }: { batch: Batch; action: string }) {
  const { held, fileName, problem } = batch
  const decidable = actionsOf(batch)
  const counts = held?.counts
  const approval = held?.findings.some(({ rule }) => rule === 'unconfirmed') ? 'Import anyway' : 'Approve and import'
  return (
    <>
      <Note
        tone="warn"
        icon="pause"
        title={
          held?.decision
            ? `Held, and ${held.decision} by ${held.decidedBy ?? 'a person'}: ${fileName}.`
            : `Held: ${fileName} has not been imported.`
        }
        acts={
          decidable.length > 0 && (
            <>
              {decidable.includes('approve') && (
                <Press action={`${action}/approve`} title={approval} revision={held?.revision} />
              )}
              {decidable.includes('discard') && <Press action={`${action}/discard`} title="Discard" />}
            </>
          )
        }
      >
        {!held || held.findings.length === 0 ? (
          (problem?.message ?? 'Approve or discard it.')
        ) : (
          <ul>
            {held.findings.map(({ message }) => (
              <li>{message}</li>
            ))}
          </ul>
        )}
        {held && held.revision > 1 && (
          <p>
            The settings or the contacts have changed since it was held, so it was checked again. These are the new
            figures, with version {batch.settingsVersion} of the settings.
          </p>
        )}
        {counts && (
          <p>
            Of {counted(counts.records, 'record')}: {figure(counts.created)} created, {figure(counts.updated)} updated,{' '}
            {figure(counts.unchanged)} unchanged, {figure(counts.rejected)} rejected, {figure(counts.superseded)}{' '}
            superseded.{' '}
            {held?.decision === null &&
              'Approve imports exactly this file. Discard leaves it in place; it is not imported automatically until the file or the settings change.'}
          </p>
        )}
      </Note>
      {held && held.samples.length > 0 && <Samples samples={held.samples} id={`samples-${batch.id}`} />}
    </>
  )
}

function Press({ action, title, revision }: { action: string; title: string; revision?: number | undefined }) {
  return (
    <Form action={action}>
      {revision !== undefined && <input type="hidden" name="revision" value={revision} />}
      <button class="btn sm" type="submit">
        {title}
      </button>
    </Form>
  )
}

function Samples({ samples, id }: { samples: NonNullable<Batch['held']>['samples']; id: string }) {
  return (
    <Card
      id={id}
      title="What it would change"
      aside={<span class="small">the first {counted(samples.length, 'contact')}</span>}
    >
      <Scroll label="Changes to contacts">
        <table class="tbl">
          <thead>
            <tr>
              <th>Contact ID</th>
              <th>Field</th>
              <th>Now</th>
              <th>In the file</th>
              <th class="num">Line</th>
            </tr>
          </thead>
          <tbody>
            {samples.flatMap(({ contactId, line, fields }) =>
              fields.map(({ field, before, after }, index) => (
                <tr>
                  {index === 0 ? (
                    <th scope="rowgroup" rowspan={fields.length} class="mono">
                      {contactId}
                    </th>
                  ) : null}
                  <td>{field}</td>
                  <td>
                    <Value value={before} />
                  </td>
                  <td>
                    <Value value={after} />
                  </td>
                  {index === 0 ? (
                    <td class="num" rowspan={fields.length}>
                      {figure(line)}
                    </td>
                  ) : null}
                </tr>
              )),
            )}
          </tbody>
        </table>
      </Scroll>
    </Card>
  )
}

function Value({ value }: { value: string | null }) {
  return value === null || value === '' ? <span class="chip nil">empty</span> : <span class="chip">{value}</span>
}
