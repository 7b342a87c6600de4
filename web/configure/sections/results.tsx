import { TextField } from '../../ui/components/fields.tsx'
import { Card } from '../../ui/components/parts.tsx'
import type { ConfigureView } from '../view.ts'

export function Results({ view: { draft, faults } }: { view: ConfigureView }) {
  return (
    <Card
      id="results"
      help="/help/administrators#results-for-the-sender"
      title="Results for the Sender"
      wideTitle={false}
      aside={<span class="small grow">Tells the job that uploads what became of each file</span>}
    >
      <div class="card-b stack">
        <TextField
          name="results.path"
          label="Write to the folder"
          value={draft.texts['results.path']}
          faults={faults}
          optional
          mono
          hint="Such as /results. Every FTP account of the team can read and delete what is written there. Leave empty to write nothing."
        />
        <label class="row">
          <input type="checkbox" name="results.rejectedRecords" checked={draft.rejectedRecords} />
          <span>Write the rejected records too, ready to be corrected and sent again</span>
        </label>
      </div>
    </Card>
  )
}
