import { DELIMITERS } from '../../model/delimiters.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import { Form } from '../ui/components/form.tsx'
import { Icon } from '../ui/components/icon.tsx'
import { Badge, Card } from '../ui/components/parts.tsx'
import { counted, size } from '../ui/format.ts'
import type { GivenView, ManualImportView } from './view.ts'

const ROWS = Object.values(DELIMITERS)
const ACCEPT = [...ROWS.map(({ extension }) => extension), '.txt'].join()
const DELIMITED = `Separated by ${ROWS.map(({ plural }) => plural).join(' or ')}`

/** The first step: which file. */
export function ChooseFile({ view: { team, settings, given } }: { view: ManualImportView }) {
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
          <p>{DELIMITED}, any size</p>
          <input class="vh" type="file" id="file" name="file" accept={ACCEPT} required />
        </label>
        <div class="row only-plain">
          <button class="btn" type="submit">
            Upload and check
          </button>
          <span class="small muted">Nothing is imported until you confirm.</span>
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

/** Delimiter, encoding and columns as detected. */
function readAs({ head, check, ticket }: GivenView, { file }: ImportSettings): string[] {
  if (!head.ok) return []
  const { columns, encoding } = head.head
  const records = ticket === null ? [] : [counted(check.counts.records, 'record')]
  return [`${file.delimiter} separated`, counted(columns.length, 'column'), ...records, encoding.toUpperCase()]
}
