import { FaultSummary, TextField } from '../ui/components/fields.tsx'
import { Form } from '../ui/components/form.tsx'
import { Card, Empty, Head } from '../ui/components/parts.tsx'
import { counted, figure, size } from '../ui/format.ts'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'
import type { TeamsView } from './view.ts'

export function teamsPage(frame: Frame, { teams, refused }: TeamsView) {
  const form = refused?.form ?? {}
  const faults = refused?.faults ?? []
  return shell({
    title: 'Teams',
    frame,
    here: '/teams',
    children: (
      <>
        <Head title="Teams" sub="Each team has its own folders, FTP accounts, import settings, windows and contacts." />
        <Card id="teams" title="Teams" aside={<span class="small">{counted(teams.length, 'team')}</span>}>
          {teams.length === 0 ? (
            <Empty icon="inbox" title="No teams yet">
              Create the first one below.
            </Empty>
          ) : (
            <div class="tw">
              <table class="tbl cards">
                <thead>
                  <tr>
                    <th>Team</th>
                    <th>Short name</th>
                    <th>Time zone</th>
                    <th class="num">Space</th>
                    <th class="num">Files</th>
                    <th>TLS close</th>
                  </tr>
                </thead>
                <tbody>
                  {teams.map((team) => (
                    <tr class="link">
                      <th scope="row">
                        <a class="rowlink" href={`/teams/${team.team}/imports`}>
                          {team.name}
                        </a>
                      </th>
                      <td data-l="Short name">
                        <code>{team.team}</code>
                      </td>
                      <td data-l="Time zone">{team.timeZone}</td>
                      <td data-l="Space" class="num">
                        {size(team.quotaBytes)}
                      </td>
                      <td data-l="Files" class="num">
                        {figure(team.quotaFiles)}
                      </td>
                      <td data-l="TLS close" class="soft">
                        {team.ftpStrictClose ? 'strict' : 'lenient, for an old client'}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Card>
        <Card id="new" title="New team">
          <Form class="card-b stack" action="/teams">
            <FaultSummary faults={faults} />
            <div class="grid3">
              <TextField
                name="name"
                label="Name"
                value={form.name ?? ''}
                faults={faults}
                hint="Shown on pages and in recap subjects."
              />
              <TextField
                name="team"
                label="Short name"
                value={form.team ?? ''}
                faults={faults}
                mono
                hint="a-z, 0-9 and dash. It names the folder and cannot be changed."
              />
              <TextField
                name="timeZone"
                label="Time zone"
                value={form.timeZone ?? 'America/New_York'}
                faults={faults}
                list="zones"
                hint="Import windows follow this time zone."
              />
            </div>
            <datalist id="zones">
              {Intl.supportedValuesOf('timeZone').map((zone) => (
                <option value={zone} />
              ))}
            </datalist>
            <div class="row">
              <button class="btn primary" type="submit">
                Create team
              </button>
            </div>
          </Form>
        </Card>
      </>
    ),
  })
}
