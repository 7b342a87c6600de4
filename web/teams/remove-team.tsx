import type { Team } from '../../model/team.ts'
import type { Fault } from '../http/refusal.ts'
import { FaultSummary, TextField } from '../ui/components/fields.tsx'
import { Form } from '../ui/components/form.tsx'
import { Card } from '../ui/components/parts.tsx'

/** Deletes the team, once its name has been typed. */
export function RemoveTeam({ team, faults }: { team: Team; faults: readonly Fault[] }) {
  return (
    <Card id="delete" title="Delete this team">
      <Form class="card-b stack" action={`/teams/${team.team}/delete`}>
        <FaultSummary faults={faults} />
        <p>
          Its contacts, FTP accounts, settings, runs and recaps are deleted at once and cannot be restored. Its files
          are kept aside on the server, and Activity keeps what was done.
        </p>
        <TextField
          name="typedName"
          label="Name of the team"
          value=""
          faults={faults}
          autocomplete="off"
          hint={
            <>
              Type <b class="wrap">{team.name}</b> to confirm.
            </>
          }
        />
        <div class="row">
          <button class="btn danger" type="submit">
            Delete team
          </button>
        </div>
      </Form>
    </Card>
  )
}
