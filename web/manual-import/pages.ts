import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { FileArea } from '../../files/file-area.ts'
import type { CheckStoredFile } from '../../ingest/check-file.ts'
import { textEncoder, writtenType } from '../../ingest/formats/encoding.ts'
import type { GivenFile } from '../../ingest/manual-import.ts'
import { fileHeadOf, HEAD_BYTES } from '../../ingest/reading/file-head.ts'
import { recordText } from '../../ingest/records/record-text.ts'
import { DELIMITERS } from '../../model/delimiters.ts'
import { type ImportSettings, unmappedFields } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import { unfinishedRun } from '../../store/runs/run-history.ts'
import { currentSettings } from '../../store/settings.ts'
import { attachment } from '../http/answers/attachment.ts'
import { FormProblem, readFileForm } from '../http/multipart.ts'
import { Refusal } from '../http/refusal.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import { formBody } from '../http/requests.ts'
import { refuseForeignForm } from '../http/sessions/form-tokens.ts'
import { FORM_TOKEN } from '../http/sessions/unsent-form.ts'
import { refuseUnmapped } from '../runs/exports.ts'
import { type FrameParts, frameOf } from '../ui/frame.ts'
import { bodyOf, expectedBytes, type ManualImportParts, manualImportQuery, startManual } from './api.ts'
import { ColumnsOf, wantedColumns } from './columns.tsx'
import { manualImportPage } from './manual-import.tsx'
import type { GivenView, ManualImportView } from './view.ts'

const ticket = z.object({ file: z.string().max(4000) })

const GOING = 'A run or an undo of this team is in progress. Import the file when it has finished.'
const GONE = 'The file is no longer kept. Choose it again.'
const CHANGED = 'The settings have changed since the file was checked. This is what an import would do now.'

export interface ManualImportPageParts extends FrameParts, ManualImportParts {
  fileAreaOf: (team: Team) => FileArea
  checkStoredFile: CheckStoredFile
}

/** Manual Import: a file is uploaded and checked, then imported or discarded by the person who uploaded it. */
export function manualImportPages(parts: ManualImportPageParts) {
  const { db, manualFiles } = parts
  const path = '/teams/:team/manual-import'
  const show = async (
    c: Context<SignedInRequest>,
    team: Team,
    more: Partial<Pick<ManualImportView, 'given' | 'refused'>> = {},
  ) => {
    const settings = await currentSettings(db, team.id)
    const ready = unmappedFields(settings).length === 0
    const going = (await unfinishedRun(db, team.id)) !== null
    const view = { team, settings, ready, going, given: null, refused: null, ...more }
    const refused = view.refused !== null || view.given?.ticket === null
    return c.html(manualImportPage(await frameOf(c, parts, team), view), refused ? 422 : 200)
  }
  /** A file that cannot be imported is removed at once. */
  const checked = async (
    c: Context<SignedInRequest>,
    team: Team,
    file: GivenFile,
    settings: ImportSettings,
  ): Promise<GivenView> => {
    try {
      const head = await headOf(parts, team, file, settings)
      const { signal } = c.req.raw
      const check = await parts.checkStoredFile(team, file, { settings, signal, progress: () => {} })
      const ticket = check.problem ? null : manualFiles.keep(team, file, c.var.actor.email, settings.version)
      if (ticket === null) await manualFiles.discard(team, file)
      return { fileName: file.fileName, bytes: file.bytes, head, check, ticket }
    } catch (error) {
      await manualFiles.discard(team, file)
      throw error
    }
  }
  return new Hono<SignedInRequest>()
    .get(path, async (c) => show(c, await c.var.teams.mine(c.req.param('team'))))
    .post(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      await refuseUnmapped(db, team.id)
      // A refusal comes before the end of the body and closes the connection.
      c.header('Connection', 'close')
      const form = await readFileForm(c.req.header('Content-Type') ?? '', bodyOf(c.env.incoming)).catch(asRefusal)
      refuseForeignForm(c, form.fields.get(FORM_TOKEN) ?? null)
      if (form.fileName === '') return show(c, team, { refused: 'Choose a file first.' })
      const { fileName } = manualImportQuery.parse({ fileName: form.fileName })
      const file = await manualFiles.receive(team, fileName, form.content, expectedBytes(c)).catch(asRefusal)
      return show(c, team, { given: await checked(c, team, file, await currentSettings(db, team.id)) })
    })
    .post(`${path}/confirm`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      await refuseUnmapped(db, team.id)
      const file = await manualFiles.find(team, (await formBody(c, ticket)).file, c.var.actor.email)
      if (!file) return show(c, team, { refused: GONE })
      const settings = await currentSettings(db, team.id)
      if (settings.version !== file.version)
        return show(c, team, { given: await checked(c, team, file, settings), refused: CHANGED })
      if (await unfinishedRun(db, team.id))
        return show(c, team, { given: await checked(c, team, file, settings), refused: GOING })
      const started = await startManual(c, parts, team, file)
      if (!started.ok) return show(c, team, { refused: GOING })
      return c.redirect(`/teams/${team.team}/runs/${started.runId}`, 303)
    })
    .post(`${path}/discard`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const file = await manualFiles.find(team, (await formBody(c, ticket)).file, c.var.actor.email)
      if (file) await manualFiles.discard(team, file)
      return c.redirect(`/teams/${team.team}/manual-import?done=file-discarded`, 303)
    })
    .post(`${path}/columns`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const settings = await currentSettings(db, team.id)
      const head = await fileHeadOf(Buffer.from(await c.req.arrayBuffer()), settings.file)
      return c.html(ColumnsOf({ team, settings, head }))
    })
    .get(`${path}/template`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const settings = await currentSettings(db, team.id)
      const { delimiter, namePrefix } = settings.file
      const { extension } = DELIMITERS[delimiter]
      const encode = textEncoder(settings.file.encoding)
      const header = wantedColumns(settings).map(({ column }) => column)
      const fileName = `${namePrefix || 'contacts'}${extension}`
      return c.body(encode(recordText(header, delimiter)), 200, {
        'Content-Type': writtenType(settings.file),
        'Content-Disposition': attachment(fileName),
      })
    })
}

async function headOf({ fileAreaOf }: ManualImportPageParts, team: Team, file: GivenFile, settings: ImportSettings) {
  const content = await fileAreaOf(team).openPending(file.temporaryName)
  try {
    const chunks: Buffer[] = []
    for await (const chunk of content.read(0, HEAD_BYTES)) chunks.push(Buffer.from(chunk))
    return await fileHeadOf(Buffer.concat(chunks), settings.file)
  } finally {
    await content.close()
  }
}

function asRefusal(error: unknown): never {
  throw error instanceof FormProblem ? new Refusal('malformed', error.message) : error
}
