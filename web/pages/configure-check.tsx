import type { FileCheck } from '../../model/check.ts'
import type { ConfigureView } from '../configure-view.ts'
import { Card, Chip, Note } from './components/parts.tsx'
import { counted, figure, share } from './format.ts'

/** What an import of the newest file would do under the saved settings, in counts. */
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
            <div class="bar lg" aria-hidden="true">
              {created > 0 && <i class="new" style={`width:${share(created, records)}`} />}
              {updated > 0 && <i class="chg" style={`width:${share(updated, records)}`} />}
              {unchanged + superseded > 0 && (
                <i class="same" style={`width:${share(unchanged + superseded, records)}`} />
              )}
              {rejected > 0 && <i class="err" style={`width:${share(rejected, records)}`} />}
            </div>
            <dl class="tally">
              <Tally swatch="new" title="Created" value={created} />
              <Tally swatch="chg" title="Updated" value={updated} />
              <Tally swatch="same" title="Unchanged" value={unchanged} />
              <Tally swatch="" title="Superseded" value={superseded} />
              <Tally swatch="err" title="Rejected" value={rejected} />
              <Tally swatch="" title="Opted out by it" value={optedOut} />
            </dl>
          </>
        )}
      </div>
      <footer>
        Dry run of {check.fileName} with version {check.settingsVersion}, as it is saved. Nothing was written.
      </footer>
    </Card>
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

/** The first contacts that would change, and what would be rejected; an empty place before a dry run. */
export function Preview({ view: { check } }: { view: ConfigureView }) {
  if (!check || check.problem) return <div id="preview" />
  return (
    <Card
      id="preview"
      title="Dry run"
      wideTitle={false}
      aside={<span class="small grow">Of {check.fileName}. Nothing was saved.</span>}
    >
      {check.samples.length > 0 && (
        <div class="tw">
          <table class="tbl cards diff">
            <thead>
              <tr>
                <th class="num">Line</th>
                <th>Contact ID</th>
                <th>What would change</th>
              </tr>
            </thead>
            <tbody>
              {check.samples.map(({ line, contactId, fields }) => (
                <tr>
                  <td class="num muted">{figure(line)}</td>
                  <th scope="row">{contactId}</th>
                  <td data-l="What would change" class="wrap">
                    {fields.map(({ field, before, after }) => (
                      <span class="block">
                        {field}: {before !== null && <del>{before}</del>} <ins>{after ?? 'nothing'}</ins>
                      </span>
                    ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div class="card-b stack-2">
        {check.errors.length === 0 ? (
          <p class="small soft">No record would be rejected.</p>
        ) : (
          check.errors.map(({ code, field, records, samples }) => (
            <Note
              tone="warn"
              icon="x"
              title={`${counted(records, 'record')} would be rejected${field ? `: ${field}` : ''}.`}
            >
              <code>{code}</code> {samples[0] && `For example line ${figure(samples[0].line)}: ${samples[0].message}`}
            </Note>
          ))
        )}
        {check.columns.map(({ field, column, empty, invalid }) => (
          <p class="small soft">
            {field} (<code>{column}</code>): {figure(empty)} empty, {figure(invalid)} not valid
          </p>
        ))}
        {check.optOutValues?.map(({ value, records, means }) => (
          <p class="small soft">
            Opt-out value <Chip value={value} />: {counted(records, 'record')},{' '}
            {means === 'not_recognised' ? <span class="t-bad">neither value: rejected</span> : means.replace('_', ' ')}
          </p>
        ))}
      </div>
    </Card>
  )
}
