import type { Team } from '../../model/team.ts'
import type { Fault } from '../http/refusal.ts'
import { Choice, FaultSummary, TextField } from '../ui/components/fields.tsx'
import { Form } from '../ui/components/form.tsx'
import { Card, Head } from '../ui/components/parts.tsx'
import { size } from '../ui/format.ts'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'
import { RemoveTeam } from './remove-team.tsx'
import type { TeamForm } from './view.ts'

/** The space of a team as the form shows it, such as `20 GB`. */
export function spaceText({ quotaBytes }: Pick<Team, 'quotaBytes'>): string {
  return size(quotaBytes).replace('.0 ', ' ')
}

const UNITS: Record<string, number> = { KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }

/** The typed amount in bytes; in MB if it has no unit, -1 if it is not an amount. */
export function bytesOfSpace(text: string): number {
  const [, figure, unit = 'MB'] = /^(\d+(?:\.\d+)?)\s*([KMGT]B)?$/i.exec(text.trim()) ?? []
  return figure === undefined ? -1 : Math.round(Number(figure) * (UNITS[unit.toUpperCase()] as number))
}

/** `removal`: what is wrong with the form that deletes the team. */
export function teamPage(
  frame: Frame,
  team: Team,
  form: TeamForm,
  { faults = [], removal = [] }: { faults?: readonly Fault[]; removal?: readonly Fault[] },
) {
  return shell({
    title: 'Team settings',
    frame,
    here: 'settings',
    children: (
      <>
        <Head
          crumbs={[{ label: team.name, href: `/teams/${team.team}/imports` }]}
          title="Team settings"
          sub={
            <>
              The short name <code>{team.team}</code> names the folder and cannot be changed.
            </>
          }
        />
        <Card id="team-settings" title="Team">
          <Form class="card-b stack" action={`/teams/${team.team}/settings`}>
            <FaultSummary faults={faults} />
            <div class="grid2">
              <TextField
                name="name"
                label="Name"
                value={form.name}
                faults={faults}
                hint="Shown on pages and in recap subjects."
              />
              <TextField
                name="timeZone"
                label="Time zone"
                value={form.timeZone}
                faults={faults}
                list="zones"
                hint="Import windows follow this time zone. A change takes effect at once."
              />
              {frame.owner && (
                <>
                  <TextField
                    name="space"
                    label="Space"
                    value={form.space}
                    faults={faults}
                    hint="For example 500 MB or 20 GB. Uploads beyond it are refused."
                  />
                  <TextField name="files" label="Maximum files" value={form.files} faults={faults} />
                </>
              )}
            </div>
            {frame.owner ? (
              <Choice
                name="close"
                legend="End of an upload over TLS"
                value={form.close}
                options={[
                  { value: 'strict', label: 'Strict', small: 'An upload without a proper TLS close is incomplete.' },
                  {
                    value: 'lenient',
                    label: 'Lenient',
                    small: 'For old clients that never close TLS properly. A broken upload may look complete.',
                  },
                ]}
              />
            ) : (
              <p class="small muted">
                An owner sets the space, the maximum files and the end of uploads: {form.space}, {form.files} files,{' '}
                {form.close}.
              </p>
            )}
            <datalist id="zones">
              {Intl.supportedValuesOf('timeZone').map((zone) => (
                <option value={zone} />
              ))}
            </datalist>
            <div class="row">
              <button class="btn primary" type="submit">
                Save
              </button>
            </div>
          </Form>
        </Card>
        {frame.owner && <RemoveTeam team={team} faults={removal} />}
      </>
    ),
  })
}
