import type { Child } from 'hono/jsx'
import type { FileCheck } from '../../../model/check.ts'
import { OutcomeBar } from '../../ui/components/bar.tsx'
import { idOf } from '../../ui/components/fields.tsx'
import type { IconName } from '../../ui/components/icon.tsx'
import { Card, Note, Status } from '../../ui/components/parts.tsx'
import { counted, figure } from '../../ui/format.ts'
import type { ConfigureView } from '../view.ts'

/** The counts of a dry run of the newest file. */
export function WhatWouldHappen({ check }: { check: FileCheck | null }) {
  if (!check) return null
  const { records, created, updated, unchanged, rejected, superseded, optedOut } = check.counts
  return (
    <Card id="would" title="What would happen" aside={<span class="small">{counted(records, 'record')}</span>}>
      <div class="card-b stack">
        {check.problem ? (
          <p class="small t-bad">{check.problem.message}</p>
        ) : (
          <>
            <OutcomeBar counts={check.counts} />
            <dl class="tally">
              <Tally swatch="new" title="Created" value={created} />
              <Tally swatch="chg" title="Updated" value={updated} />
              <Tally swatch="same" title="Unchanged" value={unchanged} />
              <Tally swatch="" title="Superseded" value={superseded} />
              <Tally swatch="err" title="Rejected" value={rejected} />
              <Tally swatch="" title="Opt-outs" value={optedOut} />
            </dl>
            <WouldBeHeld check={check} />
          </>
        )}
      </div>
      <footer>
        Dry run of {check.fileName} with the settings shown here, saved or not. Nothing was changed.{' '}
        {!check.problem && check.samples.length + check.errors.length > 0 && <a href="#dry-run">See records</a>}
      </footer>
    </Card>
  )
}

/** What the guardrails would say of the import; nothing where they find nothing. */
export function WouldBeHeld({ check: { guardrails } }: { check: FileCheck }) {
  const { findings, held } = guardrails
  if (findings.length === 0) return null
  return (
    <Note
      tone="warn"
      icon="pause"
      title={held ? 'The import would be held until somebody approves it.' : 'The import would be done with a warning.'}
    >
      <ul>
        {findings.map(({ message }) => (
          <li>{message}</li>
        ))}
      </ul>
    </Note>
  )
}

function Tally({ swatch, title, value }: { swatch: string; title: string; value: number }) {
  return (
    <div>
      <dt>
        <i class={swatch === '' ? '' : `sw-${swatch}`} />
        {title}
      </dt>
      <dd class={value > 0 && title === 'Rejected' ? 't-bad' : ''}>{figure(value)}</dd>
    </div>
  )
}

/** The first records that would change or be rejected; an empty element before a dry run. */
export function Preview({ view: { check, checkFaults } }: { view: ConfigureView }) {
  if (checkFaults.length > 0)
    return (
      <div id="preview" data-fragment>
        <Note tone="bad" icon="err" title="The dry run did not start.">
          <ul>
            {checkFaults.map(({ path, message }) => (
              <li>{path === '' ? message : <a href={`#${idOf(path)}`}>{message}</a>}</li>
            ))}
          </ul>
        </Note>
      </div>
    )
  if (!check || check.problem) return <div id="preview" data-fragment />
  const records = [...check.samples.map(changed), ...check.errors.flatMap(refused)].sort((a, b) => a.line - b.line)
  return (
    <div id="preview" data-fragment>
      <Card
        id="dry-run"
        title="Dry run"
        wideTitle={false}
        aside={<span class="small grow">Of {check.fileName}. Nothing was saved.</span>}
      >
        {records.length > 0 && (
          <div class="tw">
            <table class="tbl cards diff">
              <thead>
                <tr>
                  <th class="num">Line</th>
                  <th>Contact ID</th>
                  <th>What would happen</th>
                  <th>Because</th>
                </tr>
              </thead>
              <tbody>
                {records.map(({ line, contactId, tone, icon, what, why }) => (
                  <tr>
                    <td class="num muted">{figure(line)}</td>
                    <th scope="row">{contactId ?? <span class="muted">unknown</span>}</th>
                    <td data-l="What would happen">
                      <Status icon={icon} tone={tone}>
                        {what}
                      </Status>
                    </td>
                    <td data-l="Because" class="wrap">
                      {why}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        <footer>
          {check.errors.length === 0
            ? 'No record would be rejected.'
            : check.errors.map(({ code, field, records }) => (
                <span class="block">
                  {counted(records, 'record')} would be rejected: {field ?? 'whole record'}. <code>{code}</code>
                </span>
              ))}
        </footer>
      </Card>
    </div>
  )
}

interface ShownRecord {
  line: number
  contactId: string | null
  tone: 'ok' | 'bad'
  icon: IconName
  what: string
  why: Child
}

function changed({ line, contactId, fields }: FileCheck['samples'][number]): ShownRecord {
  const why = fields.map(({ field, before, after }) => (
    <span class="block">
      {field}: {before !== null && <del>{before}</del>} <ins>{after ?? 'nothing'}</ins>
    </span>
  ))
  return { line, contactId, tone: 'ok', icon: 'check', what: 'Updated', why }
}

function refused({ code, samples }: FileCheck['errors'][number]): ShownRecord[] {
  return samples.map(({ line, contactId, message }) => {
    const why = (
      <>
        {message} <code>{code}</code>
      </>
    )
    return { line, contactId, tone: 'bad', icon: 'x', what: 'Rejected', why }
  })
}

/** The check of the column that a field is mapped to; updated with the form. */
export function ColumnChecked({
  view: { check },
  field,
  column,
  id,
}: {
  view: ConfigureView
  field: string
  column: string
  id: string
}) {
  return (
    <span id={`${idOf(id)}-check`} class="small" data-fragment>
      {check && <ColumnWords check={check} field={field} column={column} />}
    </span>
  )
}

export function ColumnWords({ check, field, column }: { check: FileCheck; field: string; column: string }) {
  const name = column.trim().toLowerCase()
  const found = check.columns.find((one) => one.field === field && one.column.toLowerCase() === name)
  if (!found) return field === OPT_OUT_TITLE ? <OptOutWords check={check} /> : null
  const { empty, invalid } = found
  const seen = check.counted.each > 1 ? ` of ${figure(check.counted.records)} looked at` : ''
  if (invalid > 0)
    return (
      <Status icon="bang" tone="warn">
        {figure(invalid)} rejected{empty > 0 && `, ${figure(empty)} empty${seen}`}
      </Status>
    )
  if (empty > 0) return <span class="muted">{`${figure(empty)} empty${seen}`}</span>
  return (
    <Status icon="check" tone="ok">
      Always filled
    </Status>
  )
}

/** The title of the opt-out preference in lists of fields. */
export const OPT_OUT_TITLE = 'Opt-out'

function OptOutWords({ check: { optOutValues } }: { check: FileCheck }) {
  if (optOutValues === null) return null
  const unknown = optOutValues.reduce((sum, { means, records }) => sum + (means === 'not_recognised' ? records : 0), 0)
  return unknown > 0 ? (
    <Status icon="bang" tone="warn">
      {figure(unknown)} not recognised
    </Status>
  ) : (
    <Status icon="check" tone="ok">
      All recognised
    </Status>
  )
}
