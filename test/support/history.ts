import type { Database } from '../../store/postgres/database.ts'

/** A finished run of a team with one batch of four records, two of them rejected. */
export async function insertRun(db: Database, teamId: number, number: number): Promise<{ run: string; batch: string }> {
  const run = await db
    .insertInto('run')
    .values({
      team_id: teamId,
      number,
      trigger: 'on_demand',
      window_name: null,
      window_date: null,
      state: 'imported_with_errors',
      requested_by: 'dana@example.edu',
      created_at: new Date('2026-11-22T15:00:00Z'),
      started_at: new Date('2026-11-22T15:00:01Z'),
      finished_at: new Date('2026-11-22T15:00:02Z'),
      lease_owner: null,
      lease_until: null,
      abort_requested_at: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const batch = await db
    .insertInto('batch')
    .values({
      run_id: run.id,
      team_id: teamId,
      ordinal: 1,
      upload_id: null,
      state: 'imported_with_errors',
      path: '/cadence/imports/Studenten-Überblick.csv',
      file_name: 'Studenten-Überblick.csv',
      bytes: 123,
      sha256: null,
      received_at: null,
      settings_version: 1,
      header: JSON.stringify(['ID', 'First']),
      records: 4,
      created: 1,
      updated: 1,
      rejected: 2,
      after_action: 'move',
      after_state: 'done',
      after_path: '/cadence/archive/Studenten-Überblick_2026-11-22.csv',
      started_at: null,
      finished_at: null,
      undo_until: new Date(Date.now() + 86_400_000),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const errors = [{ code: 'E_MOBILE_INVALID', field: 'Mobile Number', message: '"555" is not a mobile number.' }]
  await insertErrors(db, batch.id, [3, 5], errors)
  return { run: run.id, batch: batch.id }
}

export async function insertErrors(
  db: Database,
  batchId: string,
  lines: readonly number[],
  errors: readonly object[],
): Promise<void> {
  await db
    .insertInto('record_error')
    .values(
      lines.map((line) => ({
        batch_id: batchId,
        line,
        contact_id: `c${line}`,
        errors: JSON.stringify(errors),
        record_values: JSON.stringify([`c${line}`, 'Ann']),
      })),
    )
    .execute()
}
