import { setTimeout as sleep } from 'node:timers/promises'
import { diskFileArea } from '../../files/disk-file-area.ts'
import { forEachWindow } from '../../model/daily-windows.ts'
import type { ImportSettingsBody } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import { teamPath } from '../../model/team-path.ts'
import { saveSettings } from '../../store/settings.ts'
import { createTeam } from '../../store/teams.ts'
import { type RosterFile, statesAfter } from './roster.ts'
import { putInPlace } from './uploads.ts'
import type { World } from './world.ts'

export const RECIPIENTS = ['registrar@example.edu', 'it@example.edu', 'dean@example.edu']
export const IMPORTS = teamPath('/cadence/imports')
const SETTINGS: ImportSettingsBody = {
  file: {
    path: IMPORTS,
    namePrefix: 'StudentData',
    select: 'all_matching',
    delimiter: 'comma',
    encoding: 'auto',
    afterImport: { action: 'move', path: teamPath('/cadence/archive') },
  },
  schedule: forEachWindow(false),
  pauses: [],
  notificationEmails: RECIPIENTS.join(', '),
  notifyOn: 'always',
  webhook: null,
  results: null,
  silenceHours: 26,
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell', staffId: null },
  optOut: { column: 'OptOut', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' },
  aliases: {},
  additionalFields: [{ name: 'Major', column: 'Major', required: false, mergeable: true, visibleToUser: true }],
  absentColumn: 'keep',
  sharedMobile: 'warn',
  mobileCountries: 'any',
  guardrails: 'hold',
}

/** A team whose import is disturbed, with everything that was seen of it. */
export interface Subject {
  team: Team
  files: RosterFile[]
  /** The files in the order of their receipt, for the model of the contacts. */
  states: Set<string>
  /** What the contacts must be in the end. */
  end: string
  uploads: string[]
  watched: { stop: () => Promise<string[]> }
}

/** A team that has its files uploaded, and is watched from now on. */
export async function newSubject(
  world: World,
  files: RosterFile[],
  { settings = {}, upload = true }: { settings?: Partial<ImportSettingsBody>; upload?: boolean } = {},
): Promise<Subject> {
  const { db } = world.direct
  const slug = `t${world.teams.length}-${Date.now().toString(36)}`
  const team = await createTeam(db, { team: slug, name: 'Admissions', timeZone: 'America/New_York' })
  if (!team) throw new Error('the name of a team is taken')
  world.teams.push(team)
  await saveSettings(db, team.id, 0, { ...SETTINGS, ...settings }, 'faults')
  const area = diskFileArea(world.rootOf(team))
  await area.makeFolder(IMPORTS)
  const states = statesAfter(files)
  const subject: Subject = {
    team,
    files,
    states: new Set(states),
    end: states.at(-1) as string,
    uploads: [],
    watched: watch(world, team),
  }
  if (upload) for (const file of files) subject.uploads.push(await putInPlace(world, team, file))
  return subject
}

/** Reads the contacts again and again, as another system does. */
function watch(world: World, team: Team): Subject['watched'] {
  const seen = new Set<string>()
  let stopped = false
  const watching = (async () => {
    while (!stopped) {
      const begun = performance.now()
      await world.contacts(team).then(
        (state) => seen.add(state),
        // PostgreSQL is away for a moment; a reader tries again.
        () => {},
      )
      // Reading must not be most of what the machine does.
      await sleep(20 + 4 * (performance.now() - begun))
    }
  })()
  return {
    stop: async () => {
      stopped = true
      await watching
      return [...seen]
    },
  }
}
