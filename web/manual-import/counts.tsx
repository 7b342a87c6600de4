import type { FileCheck } from '../../model/check.ts'
import { WouldBeHeld } from '../configure/exports.ts'
import { OutcomeBar, Part } from '../ui/components/bar.tsx'
import { Form } from '../ui/components/form.tsx'
import { Icon } from '../ui/components/icon.tsx'
import { Card, Note } from '../ui/components/parts.tsx'
import { counted, figure } from '../ui/format.ts'
import type { ManualImportView } from './view.ts'

/** The last step: the counts of the check, and the buttons to import or discard the file. */
export function Import({ view: { team, given, refused } }: { view: ManualImportView }) {
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
            <Part />
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
            <WouldBeHeld check={given.check} />
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
                Nothing is imported yet. The recap goes to the notification list and to you.
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

/** The counts of the check, and why records would be rejected. */
function Counts({ check: { counts, errors } }: { check: FileCheck }) {
  const { created, updated, unchanged, rejected, superseded, optedOut } = counts
  return (
    <>
      <OutcomeBar counts={counts} />
      <p class="small" id="counts">
        {figure(created)} created, {figure(updated)} updated, {figure(unchanged)} unchanged, {figure(superseded)}{' '}
        superseded, <span class={rejected > 0 ? 't-bad' : ''}>{figure(rejected)} rejected</span>
        {optedOut > 0 && `; ${counted(optedOut, 'opt-out')}`}
      </p>
      {errors.length > 0 && (
        <ul class="small soft">
          {errors.map(({ code, field, records, samples }) => (
            <li>
              {counted(records, 'record')}: {field ?? 'whole record'}, <code>{code}</code>
              {samples[0] && `. Line ${figure(samples[0].line)}: ${samples[0].message}`}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
