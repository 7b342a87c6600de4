import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { GivenFile } from '../../ingest/manual-import.ts'
import { fileHeadOf, HEAD_BYTES } from '../../ingest/reading/file-head.ts'
import { recordText } from '../../ingest/records/record-text.ts'
import { DELIMITERS } from '../../model/delimiters.ts'
import { type ImportSettings, unmappedFields } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import { unfinishedRun } from '../../store/runs/run-history.ts'
import { currentSettings } from '../../store/settings.ts'
import { attachment } from '../http/attachment.ts'
import { Refusal } from '../http/errors.ts'
import { refuseForeignForm } from '../http/form-tokens.ts'
import { FormProblem, readFileForm } from '../http/multipart.ts'
import type { Signed } from '../http/request-context.ts'
import { formBody } from '../http/requests.ts'
import type { PageParts } from '../parts.ts'
import { refuseUnmapped } from '../runs/api.ts'
import { FORM_TOKEN } from '../ui/components/form.tsx'
import { frameOf } from '../ui/frame.ts'
import { bodyOf, expectedBytes, manualImportQuery, startManual } from './api.ts'
import { ColumnsOf, wantedColumns } from './columns.tsx'
import { type GivenView, type ManualImportView, manualImportPage } from './manual-import.tsx'

const ticket = z.object({ file: z.string().max(4000) })

const GOING = 'Another run of this team is going, or is being undone. Import the file when that has ended.'
const GONE = 'The file is not kept any more. Choose it again.'
const CHANGED = 'The settings were changed since the file was checked. This is what they would do with it now.'

/** Manual Import: a file is uploaded and checked, and imported or discarded when whoever gave it has seen what it would do. */
export function manualImportPages(parts: PageParts) {
  const { db, givenFiles } = parts
  const path = '/teams/:team/manual-import'
  const show = async (
    c: Context<Signed>,
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
  /** Of a file that cannot be imported nothing is kept. */
  const checked = async (
    c: Context<Signed>,
    team: Team,
    file: GivenFile,
    settings: ImportSettings,
  ): Promise<GivenView> => {
    try {
      const head = await headOf(parts, team, file, settings)
      const { signal } = c.req.raw
      const check = await parts.checkStoredFile(team, file, { settings, signal, progress: () => {} })
      const ticket = check.problem ? null : givenFiles.keep(team, file, c.var.actor.email, settings.version)
      if (ticket === null) await givenFiles.discard(team, file)
      return { fileName: file.fileName, bytes: file.bytes, head, check, ticket }
    } catch (error) {
      await givenFiles.discard(team, file)
      throw error
    }
  }
  return new Hono<Signed>()
    .get(path, async (c) => show(c, await c.var.teams.mine(c.req.param('team'))))
    .post(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      await refuseUnmapped(db, team.id)
      // A refusal comes before the end of what is sent, and nothing after it.
      c.header('Connection', 'close')
      const form = await readFileForm(c.req.header('Content-Type') ?? '', bodyOf(c.env.incoming)).catch(asRefusal)
      refuseForeignForm(c, form.fields.get(FORM_TOKEN) ?? null)
      if (form.fileName === '') return show(c, team, { refused: 'Choose a file first.' })
      const { fileName } = manualImportQuery.parse({ fileName: form.fileName })
      const file = await givenFiles.receive(team, fileName, form.content, expectedBytes(c)).catch(asRefusal)
      return show(c, team, { given: await checked(c, team, file, await currentSettings(db, team.id)) })
    })
    .post(`${path}/confirm`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      await refuseUnmapped(db, team.id)
      const file = await givenFiles.find(team, (await formBody(c, ticket)).file, c.var.actor.email)
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
      const file = await givenFiles.find(team, (await formBody(c, ticket)).file, c.var.actor.email)
      if (file) await givenFiles.discard(team, file)
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
      const { extension, mediaType } = DELIMITERS[delimiter]
      const header = wantedColumns(settings).map(({ column }) => column)
      const fileName = `${namePrefix || 'contacts'}${extension}`
      return c.body(recordText(header, delimiter), 200, {
        'Content-Type': `${mediaType}; charset=utf-8`,
        'Content-Disposition': attachment(fileName),
      })
    })
}

async function headOf({ fileAreaOf }: PageParts, team: Team, file: GivenFile, settings: ImportSettings) {
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
