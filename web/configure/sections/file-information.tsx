import { localDate } from '../../../model/daily-windows.ts'
import { DELIMITERS, delimiterNamed } from '../../../model/delimiters.ts'
import { Choice, TextField } from '../../ui/components/fields.tsx'
import { Icon } from '../../ui/components/icon.tsx'
import { Card } from '../../ui/components/parts.tsx'
import type { ConfigureView } from '../view.ts'

export function FileInformation({ view }: { view: ConfigureView }) {
  const { draft, faults } = view
  const { texts } = draft
  return (
    <Card
      id="file"
      help="/help/administrators#when-a-file-is-imported"
      title="File Information"
      wideTitle={false}
      aside={<span class="small grow">Where the student system puts its files, and which ones to import</span>}
    >
      <div class="card-b stack">
        <div class="grid2">
          <TextField
            name="file.path"
            label="File Path"
            value={texts['file.path']}
            faults={faults}
            mono
            hint="Full path, starting with a slash, without a file name. Example: /cadence/imports"
          />
          <TextField
            name="file.namePrefix"
            label="File Name Prefix"
            value={texts['file.namePrefix']}
            faults={faults}
            mono
            hint="The part that stays the same every day. Case-sensitive."
          />
        </div>
        <div class="grid2">
          <Choice
            name="file.select"
            legend="Files to Import"
            value={texts['file.select']}
            stacked
            options={[
              {
                value: 'most_recent',
                label: 'Most recent file',
                small: 'Older ones stay in place and are not imported later.',
              },
              {
                value: 'all_matching',
                label: 'All matching files',
                small: 'Each is a separate batch, oldest first.',
              },
            ]}
          />
          <Choice
            name="file.afterImport.action"
            legend="After Import"
            value={texts['file.afterImport.action']}
            stacked
            options={[
              { value: 'move', label: 'Move the file', small: 'The date is added to its name.' },
              { value: 'delete', label: 'Delete the file', small: 'It cannot be restored.' },
            ]}
          />
        </div>
        <div class="grid2">
          <Choice
            name="file.delimiter"
            legend="File Delimiter"
            value={texts['file.delimiter']}
            options={Object.entries(DELIMITERS).map(([value, { title }]) => ({ value, label: title }))}
          >
            <FoundForm view={view} />
          </Choice>
          <TextField
            name="file.afterImport.path"
            label="Move to"
            value={texts['file.afterImport.path']}
            faults={faults}
            mono
            hint={<ArchivedName view={view} />}
          />
        </div>
      </div>
    </Card>
  )
}

/** The delimiter of the newest file beside the one that is set. */
function FoundForm({ view: { newest, draft } }: { view: ConfigureView }) {
  if (!newest) return <p class="hint" id="found-form" data-fragment />
  const set = delimiterNamed(draft.texts['file.delimiter'])
  return (
    <p class={newest.problem || newest.columns.length < 2 ? 'hint t-warn' : 'hint'} id="found-form" data-fragment>
      {newest.problem !== null ? (
        <>
          <Icon name="bang" tone="warn" /> {newest.problem}
        </>
      ) : newest.columns.length < 2 ? (
        <>
          <Icon name="bang" tone="warn" /> The newest file has a single column when it is split at each {set}.
        </>
      ) : (
        <>
          <Icon name="check" tone="ok" /> The newest file is {set} separated: {newest.columns.length} columns,{' '}
          {newest.encoding.toUpperCase()}.
        </>
      )}
    </p>
  )
}

function ArchivedName({ view: { newest, draft, team, now } }: { view: ConfigureView }) {
  const name = newest?.name ?? `${draft.texts['file.namePrefix'] || 'StudentData'}.csv`
  const dot = name.lastIndexOf('.')
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  return (
    <>
      {name} becomes{' '}
      <code>
        {stem}_{localDate(now, team.timeZone)}
        {extension}
      </code>
    </>
  )
}
