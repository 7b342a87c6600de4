import { gunzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { recapMessage } from '../../../ingest/telling/recap-message.ts'
import { UNSAVED_SETTINGS } from '../../../model/import-settings.ts'
import { saveSettings } from '../../../store/settings.ts'
import { insertTeam, parsingBatch } from '../../support/batches.ts'
import { testDatabase } from '../../support/database.ts'

const database = testDatabase()
const { db } = database

/** The recap of a batch with so many rejected records, each with a value of about 32 characters `times` over. */
async function recapOf(records: number, value: 'random' | 'alike', times = 1, delimiter: 'comma' | 'tab' = 'comma') {
  const teamId = await insertTeam(database)
  const { version: _, ...body } = UNSAVED_SETTINGS
  await saveSettings(db, teamId, 0, { ...body, file: { ...body.file, delimiter } }, 'test')
  const batchId = await parsingBatch(db, teamId)
  const seed = value === 'random' ? sql`line::text || part` : sql`''`
  await sql`insert into record_error (batch_id, line, contact_id, errors, record_values)
    select ${batchId}, line, null, '[{"code":"E_MOBILE_INVALID","field":null,"message":"m"}]',
      json_build_array((select string_agg(md5(${seed}), '') from generate_series(1, ${times}::integer) part))
    from generate_series(2, ${records}::integer + 1) line`.execute(db)
  await db
    .updateTable('batch')
    .set({ state: 'imported_with_errors', header: '["ID"]', records, rejected: records })
    .where('id', '=', batchId)
    .execute()
  return recapMessage(db, batchId, new URL('https://rosterport.example.edu'), { now: new Date() })
}

test('the error file is attached in the delimiter of the file, the line first', async () => {
  const { attachments } = await recapOf(2, 'alike', 1, 'tab')
  expect(attachments).toMatchObject([
    { fileName: 'a_errors.csv', contentType: 'text/tab-separated-values; charset=utf-8' },
  ])
  const value = 'd41d8cd98f00b204e9800998ecf8427e'
  expect(attachments[0]?.content.toString()).toBe(
    `\ufeffline\tcode\tmessage\tID\r\n2\tE_MOBILE_INVALID\tm\t${value}\r\n3\tE_MOBILE_INVALID\tm\t${value}\r\n`,
  )
})

test('without errors there is no error file', async () => {
  expect((await recapOf(0, 'alike')).attachments).toEqual([])
})

test('over 5 MB it is compressed, and whole', async () => {
  const { attachments, text } = await recapOf(11_000, 'alike', 16)
  expect(attachments).toMatchObject([{ fileName: 'a_errors.csv.gz', contentType: 'application/gzip' }])
  const lines = gunzipSync(attachments[0]?.content as Buffer)
    .toString()
    .split('\r\n')
  expect(lines).toHaveLength(11_002)
  expect(text).not.toContain('leaves out')
})

test('still over 5 MB it holds the first 10,000 records, and the recap says so and where the whole is', async () => {
  const { attachments, text } = await recapOf(10_500, 'random', 36)
  expect(attachments.map(({ fileName }) => fileName)).toEqual(['a_errors.csv.gz'])
  const lines = gunzipSync(attachments[0]?.content as Buffer)
    .toString()
    .split('\r\n')
  expect(lines).toHaveLength(10_002)
  expect(lines.at(-2)).toMatch(/^10001,/)
  expect(text).toContain('leaves out 500 records')
  expect(text).toContain('https://rosterport.example.edu/teams/')
})
