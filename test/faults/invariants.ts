import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { statesAfter } from './roster.ts'
import { RECIPIENTS, type Subject } from './subject.ts'
import type { World } from './world.ts'

/** What was undone was imported as well. */
const IMPORTED = ['imported', 'imported_with_errors', 'undone']

export interface Expectation {
  /** Uploads that were replaced before they were read may never be imported; all others are, exactly once. */
  replaced?: readonly string[]
  /** Addresses that the mail server refuses for good. */
  refused?: readonly string[]
  /** Whether the files are still where they were, because nothing could be done with them. */
  archived?: boolean
  /** A file that failed comes behind those after it, so the model follows the order in which they were imported. */
  anyOrder?: boolean
  /** Whether the mails went to the mail server. */
  mailed?: boolean
  /** Whether the disk refused something, so that what is to go may go only with the next look. */
  diskRefused?: boolean
}

/** What is wrong after a fault, once it is quiet. Nothing: every promise was kept. */
export async function violations(world: World, subject: Subject, expected: Expectation = {}): Promise<string[]> {
  const { team, uploads } = subject
  const { db } = world.direct
  const wrong: string[] = []
  const batches = await db.selectFrom('batch').selectAll().where('team_id', '=', team.id).execute()
  const rows = await db.selectFrom('upload').selectAll().where('team_id', '=', team.id).execute()
  for (const id of uploads) {
    const times = batches.filter((batch) => batch.upload_id === id && IMPORTED.includes(batch.state)).length
    const upload = rows.find((row) => row.id === id)
    if (times > 1) wrong.push(`${upload?.path} was imported ${times} times`)
    if (times === 0 && !expected.replaced?.includes(id))
      wrong.push(`${upload?.path} was not imported: ${upload?.state} ${upload?.verdict} ${upload?.verdict_reason}`)
    if (times === 1 && upload?.verdict !== 'imported')
      wrong.push(`${upload?.path} is imported but says ${upload?.verdict}`)
  }
  for (const row of rows)
    if (row.state === 'receiving' || row.state === 'unconfirmed') wrong.push(`${row.path} is left ${row.state}`)
  for (const batch of batches) {
    const sum = batch.created + batch.updated + batch.unchanged + batch.rejected + batch.superseded
    if (batch.records !== sum) wrong.push(`${batch.file_name}: ${batch.records} records, but ${sum} outcomes`)
    if (!batch.finished_at) wrong.push(`${batch.file_name} is left ${batch.state}`)
    const errors = await db.selectFrom('record_error').select('line').where('batch_id', '=', batch.id).execute()
    if (IMPORTED.includes(batch.state) && errors.length !== batch.rejected)
      wrong.push(`${batch.file_name}: ${batch.rejected} rejected, but ${errors.length} errors kept`)
    const recaps = world.mail.mails.filter(({ parsed }) => parsed.headers.get('x-rosterport-batch') === batch.id)
    for (const address of RECIPIENTS)
      if (
        expected.mailed !== false &&
        !expected.refused?.includes(address) &&
        !recaps.some(({ to }) => to.includes(address))
      )
        wrong.push(`${batch.file_name}: no recap for ${address}`)
    if (new Set(recaps.map(({ parsed }) => parsed.messageId)).size > 1)
      wrong.push(`${batch.file_name}: its recap was sent under two Message-IDs`)
  }
  if (expected.anyOrder) {
    const imported = batches.filter(({ state }) => IMPORTED.includes(state))
    const order = imported
      .sort((a, b) => Number(a.finished_at) - Number(b.finished_at))
      .map(({ file_name }) => file_name)
    const states = statesAfter(order.flatMap((name) => subject.files.filter((file) => file.name === name)))
    subject.states = new Set(states)
    subject.end = states.at(-1) as string
  }
  const contacts = await world.contacts(team)
  if (contacts !== subject.end) wrong.push(`the contacts differ from the model: ${difference(contacts, subject.end)}`)
  for (const seen of await subject.watched.stop())
    if (!subject.states.has(seen)) wrong.push(`a reader saw half a batch (${seen.split('\n').length} contacts)`)
  if (expected.archived !== false) wrong.push(...(await lostFiles(world, subject)))
  const begun = performance.now()
  let hidden = await hiddenFiles(world, subject)
  while (expected.diskRefused && hidden.length > 0 && performance.now() - begun < NEXT_LOOK_MS) {
    await sleep(100)
    hidden = await hiddenFiles(world, subject)
  }
  return [...wrong, ...hidden]
}

/** The service looks every 10 s for what it could not do before. */
const NEXT_LOOK_MS = 15_000

/** An interrupted upload may be continued for a day; of anything else nothing stays hidden. */
async function hiddenFiles(world: World, { team }: Subject): Promise<string[]> {
  const rows = await world.direct.db.selectFrom('upload').selectAll().where('team_id', '=', team.id).execute()
  const kept = rows.filter(({ state }) => state === 'incomplete').map((row) => row.temporary_name)
  const overtaken = rows.filter(({ state }) => state === 'ready').map(({ path }) => path)
  return (await world.filesOf(team)).hidden.flatMap((name) => {
    const of = rows.find((row) => row.temporary_name === name)
    if (!kept.includes(name)) return [`a hidden file of no upload is left: ${name}, ${of?.state ?? 'unknown'}`]
    return overtaken.includes(of?.path ?? '') ? [`a hidden file of ${of?.path} is left, which arrived since`] : []
  })
}

/** Each imported file stands in the archive, once, and nowhere else. */
async function lostFiles(world: World, { team, files }: Subject): Promise<string[]> {
  const { imports, archive } = await world.filesOf(team)
  const wrong = imports.map((name) => `${name} still stands in the File Path`)
  const contents = await Promise.all(
    archive.map((name) => readFile(join(world.rootOf(team), 'cadence/archive', name), 'utf8')),
  )
  for (const { name, text } of files) {
    const copies = contents.filter((content) => content === text).length
    if (copies !== 1) wrong.push(`${name} stands ${copies} times in the archive`)
  }
  return wrong
}

function difference(a: string, b: string): string {
  const [is, shall] = [a.split('\n'), b.split('\n')]
  const at = is.findIndex((line, i) => line !== shall[i])
  return `${is.length} instead of ${shall.length}; "${is[at]}" instead of "${shall[at]}"`
}
