import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { slotOn } from '../../../ingest/schedule/windows.ts'
import { localDate, type WindowName } from '../../../model/daily-windows.ts'
import type { ImportSettingsBody } from '../../../model/import-settings.ts'
import type { Team } from '../../../model/team.ts'
import { type TeamPath, teamPath } from '../../../model/team-path.ts'
import { createFtpAccount } from '../../../store/ftp-accounts.ts'
import type { Database } from '../../../store/postgres/database.ts'
import { saveSettings } from '../../../store/settings.ts'
import { replaceTeamUsers } from '../../../store/team-users.ts'
import { createTeam } from '../../../store/teams.ts'
import { daysBefore } from '../../../web/ui/format.ts'

export const EXAMPLE_SETTINGS: ImportSettingsBody = {
  file: {
    path: '/cadence/imports' as TeamPath,
    namePrefix: 'StudentData',
    select: 'all_matching',
    delimiter: 'comma',
    encoding: 'auto',
    afterImport: { action: 'move', path: '/cadence/archive' as TeamPath },
  },
  schedule: { overnight: true, morning: true, afternoon: true, evening: false },
  pauses: [],
  notificationEmails: 'registrar@example.edu, it@example.edu',
  notifyOn: 'always',
  webhook: null,
  results: null,
  silenceHours: 26,
  fields: {
    contactId: 'STUDENT_ID',
    firstName: 'FIRST_NAME',
    lastName: 'LAST_NAME',
    mobileNumber: 'CELL_PHONE',
    staffId: 'COUNSELOR_ID',
  },
  optOut: { column: 'SMS_OPT', optInValue: 'Y', optOutValue: 'N', emptyMeans: 'keep' },
  aliases: {},
  additionalFields: [
    { name: 'Major', column: 'MAJOR', required: true, mergeable: true, visibleToUser: true },
    { name: 'Entry term', column: 'ENTRY_TERM', required: true, mergeable: true, visibleToUser: true },
    { name: 'Campus', column: 'CAMPUS', required: false, mergeable: true, visibleToUser: true },
    { name: 'Deposit paid', column: 'DEPOSIT_PAID', required: false, mergeable: false, visibleToUser: true },
    { name: 'Residency', column: 'RESIDENCY', required: false, mergeable: false, visibleToUser: false },
  ],
  absentColumn: 'keep',
  sharedMobile: 'warn',
  mobileCountries: 'any',
  guardrails: 'hold',
}

const FIRST = [
  'María',
  'Jamal',
  'Priya',
  'Lena',
  'Devon',
  'Sofia',
  'Luis',
  'Nadia',
  'Erik',
  'Simone',
  'Hannah',
  'Vikram',
]
const LAST = [
  'Ortiz',
  'O’Neil',
  'Raman',
  'Fischer',
  'Marsh',
  'Novak',
  'Ramirez',
  'Rahman',
  'Berg',
  'Radford',
  'Lee',
  'Rao',
]
const MAJORS = ['Nursing', 'Biology', 'History', 'Physics']

/** A file of an SIS as the example's settings expect it; every 20th record has a mobile number that is too short. */
export function exampleFile(records: number): string {
  const lines = [
    'STUDENT_ID,FIRST_NAME,LAST_NAME,CELL_PHONE,EMAIL,MAJOR,ENTRY_TERM,CAMPUS,DEPOSIT_PAID,RESIDENCY,COUNSELOR_ID,SMS_OPT',
  ]
  for (let n = 1; n <= records; n++) {
    const mobile = n % 20 === 0 ? '555-0199' : `(507) 555-${String(100 + (n % 100)).padStart(4, '0')}`
    lines.push(
      [
        String(900_400_000 + n),
        FIRST[n % FIRST.length],
        LAST[(n * 5) % LAST.length],
        mobile,
        `student${n}@example.edu`,
        MAJORS[n % MAJORS.length],
        n % 3 ? 'Fall 2027' : 'Spring 2027',
        'Main',
        n % 4 ? 'Y' : '',
        'MN',
        n % 5 ? 's12' : '',
        n % 15 === 0 ? 'N' : 'Y',
      ].join(','),
    )
  }
  return `${lines.join('\r\n')}\r\n`
}

/** Puts a file into the root of a team as if it had been copied there two minutes ago. */
export async function putFile(dataDir: string, team: string, path: string, content: string): Promise<void> {
  const file = join(dataDir, 'teams', team, path)
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, content)
  const past = new Date(Date.now() - 120_000)
  await utimes(file, past, past)
}

export interface Example {
  admissions: Team
}

/** An installation that has been used for a while: teams in every state, with two weeks of windows. */
export async function fillExample(db: Database, secret: Buffer, now: Date): Promise<Example> {
  const timeZone = zoneBetweenWindows(now)
  const make = async (team: string, name: string, settings: Partial<ImportSettingsBody> | null) => {
    const made = await createTeam(db, { team, name, timeZone })
    if (!made) throw new Error(`the team ${team} was not made`)
    if (settings) await saveSettings(db, made.id, 0, { ...EXAMPLE_SETTINGS, ...settings }, 'dana@example.edu')
    return made
  }
  const admissions = await make('admissions', 'Admissions', {})
  const aid = await make('financial-aid', 'Financial Aid', {})
  await make('athletics', 'Athletics', null)
  const bursar = await make('bursar', 'Bursar', {})
  await createFtpAccount(db, secret, admissions.id, { username: 'sis-banner', allowedAddresses: ['10.20.4.0/24'] })
  await createFtpAccount(db, secret, admissions.id, { username: 'old-export', enabled: false })
  await createFtpAccount(db, secret, bursar.id, { username: 'bursar-sis' })
  await replaceTeamUsers(db, admissions.id, [
    { staffId: 's12', name: 'Dana Cole', email: 'dana.cole@example.edu' },
    { staffId: 's31', name: 'Ravi Shah', email: 'ravi.shah@example.edu' },
  ])
  await fillHistory(db, admissions, now, { errorsEvery: 5 })
  await fillHistory(db, bursar, now, {})
  await fillHistory(db, aid, now, { failsLast: true })
  return { admissions }
}

/** A zone in which it is past noon and before two: the morning window has passed, and none is open. */
function zoneBetweenWindows(now: Date): string {
  const hour = (timeZone: string) =>
    Number(new Intl.DateTimeFormat('en-US', { timeZone, hour: 'numeric', hourCycle: 'h23' }).format(now))
  const zones = ['America/Chicago', 'America/New_York', 'America/Denver', ...Intl.supportedValuesOf('timeZone')]
  return zones.find((zone) => hour(zone) === 12 || hour(zone) === 13) ?? 'America/Chicago'
}

/** Two weeks of windows with their runs; a day without a file, one that was missed. */
async function fillHistory(
  db: Database,
  team: Team,
  now: Date,
  { errorsEvery = 0, failsLast = false }: { errorsEvery?: number; failsLast?: boolean },
): Promise<void> {
  const today = localDate(now, team.timeZone)
  let number = 0
  for (let back = 13; back >= 0; back--)
    for (const name of ['overnight', 'morning', 'afternoon'] satisfies WindowName[]) {
      const slot = slotOn(name, daysBefore(today, back), team.timeZone)
      if (slot.closesAt > now) continue
      const key = {
        team_id: team.id,
        window_name: name,
        local_date: slot.date,
        opens_at: slot.opensAt,
        closes_at: slot.closesAt,
        opened_at: slot.opensAt,
      }
      const seed = back * 3 + ['overnight', 'morning', 'afternoon'].indexOf(name)
      if (seed % 7 === 3 || seed === 11) {
        await db
          .insertInto('slot')
          .values({ ...key, state: seed === 11 ? 'missed' : 'empty', run_id: null })
          .execute()
        continue
      }
      number++
      const failed = (failsLast && back === 0) || seed === 19
      const rejected = failed ? 0 : errorsEvery > 0 && number % errorsEvery === 0 ? 12 : 0
      const imported = failed ? 0 : name === 'overnight' ? 18_000 + seed * 11 : 90 + seed * 9
      const state = failed
        ? ('rejected' as const)
        : rejected > 0
          ? ('imported_with_errors' as const)
          : ('imported' as const)
      const finished = new Date(slot.opensAt.getTime() + 22_000)
      const run = await db
        .insertInto('run')
        .values({
          team_id: team.id,
          number,
          trigger: 'scheduled',
          window_name: name,
          window_date: slot.date,
          state,
          requested_by: null,
          created_at: slot.opensAt,
          started_at: slot.opensAt,
          finished_at: finished,
          lease_owner: null,
          lease_until: null,
          abort_requested_at: null,
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      await db
        .insertInto('slot')
        .values({ ...key, state: 'done', run_id: run.id })
        .execute()
      const fileName = `StudentData_${slot.date.replaceAll('-', '_')}_${name}.csv`
      const problem = {
        code: 'F_COLUMN_MISSING',
        message: `The file has no column "CELL_PHONE" for Mobile Number (nearest: "MOBILE_PHONE").`,
      }
      await db
        .insertInto('batch')
        .values({
          run_id: run.id,
          team_id: team.id,
          ordinal: 0,
          upload_id: null,
          state,
          path: teamPath(`/cadence/imports/${fileName}`),
          file_name: fileName,
          bytes: imported * 118 + 2_100,
          sha256: null,
          received_at: new Date(slot.opensAt.getTime() - 3_000_000),
          settings_version: 1,
          records: imported + rejected,
          created: Math.round(imported * 0.07),
          updated: Math.round(imported * 0.16),
          unchanged: imported - Math.round(imported * 0.07) - Math.round(imported * 0.16),
          rejected,
          ...(failed && { problem: JSON.stringify(problem) }),
          after_action: 'move',
          after_state: failed ? 'none' : 'done',
          after_path: failed ? null : `/cadence/archive/${fileName}`,
          started_at: slot.opensAt,
          finished_at: finished,
        })
        .execute()
    }
  await db.updateTable('team').set({ last_run_number: number }).where('id', '=', team.id).execute()
}
