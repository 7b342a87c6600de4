import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { TooManyChecks } from '../../ingest/check-turns.ts'
import { FIELD_TITLES, importSettingsBody, unmappedFields } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import { currentSettings, settingsOfVersion, versionSaved } from '../../store/settings.ts'
import type { Fault } from '../http/refusal.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import { formBody, formOf } from '../http/requests.ts'
import { frameOf } from '../ui/frame.ts'
import { saveImportSettings } from './api.ts'
import { configurePage } from './configure.tsx'
import { bodyOfDraft, changeLists, draftFromForm, draftOf } from './settings-draft.ts'
import { type ConfigureParts, type ConfigureView, configureView } from './view.ts'
import type { WebhookTest } from './webhook-api.ts'

const undo = z.object({ version: z.coerce.number().int().min(1) })

const REFUSALS: Partial<Record<number, 'forbidden' | 'too-many'>> = { 403: 'forbidden', 429: 'too-many' }

/** Configure Imports: one form, whose buttons try, add, move and remove without saving. */
export function configurePages(parts: ConfigureParts) {
  const { db } = parts
  const path = '/teams/:team/configure'
  const show = async (c: Context<SignedInRequest>, team: Team, view: ConfigureView) => {
    const saved = Number(c.req.query('saved')) || null
    return c.html(configurePage(await frameOf(c, parts, team), view, saved), view.faults.length > 0 ? 422 : 200)
  }
  /** The dry run of the newest file with the settings of the form, saved or not. */
  const check = async (c: Context<SignedInRequest>, team: Team, view: ConfigureView) => {
    const body = importSettingsBody.safeParse(bodyOfDraft(view.draft))
    view.checkFaults = body.success
      ? unmappedFields(body.data).map((field) => ({
          path: `fields.${field}`,
          message: `${FIELD_TITLES[field]} has no column yet.`,
        }))
      : faultsOf(body.error)
    if (!body.success || !view.newest || view.checkFaults.length > 0) return
    const settings = { ...body.data, version: view.draft.version }
    const work = { settings, signal: c.req.raw.signal, progress: () => {} }
    view.check = await parts.checkStoredFile(team, view.newest.path, work).catch((error: unknown) => {
      if (!(error instanceof TooManyChecks)) throw error
      // Keep the input of the form.
      view.checkFaults = [{ path: '', message: error.message }]
      return null
    })
  }
  return new Hono<SignedInRequest>()
    .get(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const saved = await currentSettings(db, team.id)
      return show(c, team, await configureView(parts, team, saved, draftOf(saved), { suggest: true }))
    })
    .post('/teams/:team/test-email', async (c) => {
      const { team } = await c.var.teams.mine(c.req.param('team'))
      const answer = await parts.call(c, 'POST', `/api/teams/${team}/test-email`)
      if (!answer.ok) throw new Refusal(REFUSALS[answer.status] ?? 'conflict', answer.detail)
      return c.redirect(`/teams/${team}/configure?done=mail-sent`, 303)
    })
    .post('/teams/:team/test-webhook', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const answer = await parts.call(c, 'POST', `/api/teams/${team.team}/test-webhook`)
      if (!answer.ok) throw new Refusal(REFUSALS[answer.status] ?? 'conflict', answer.detail)
      const saved = await currentSettings(db, team.id)
      const webhookTest = answer.body as WebhookTest
      return show(c, team, await configureView(parts, team, saved, draftOf(saved), { webhookTest }))
    })
    .post(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const form = await formOf(c)
      const draft = draftFromForm(form)
      const saved = await currentSettings(db, team.id)
      if (!form.has('save')) {
        changeLists(draft, form)
        const view = await configureView(parts, team, saved, draft)
        if (form.has('check')) await check(c, team, view)
        return show(c, team, view)
      }
      const body = importSettingsBody.safeParse(bodyOfDraft(draft))
      if (!body.success)
        return show(c, team, await configureView(parts, team, saved, draft, { faults: faultsOf(body.error) }))
      const deletes = body.data.file.afterImport.action === 'delete' && saved.file.afterImport.action === 'move'
      if (deletes && form.get('save') !== 'delete')
        return show(c, team, await configureView(parts, team, saved, draft, { confirmDelete: true }))
      const done = await saveImportSettings(c, parts, team, draft.version, body.data).catch(faultsOfRefusal)
      if (!('ok' in done)) return show(c, team, await configureView(parts, team, saved, draft, { faults: done }))
      if (done.ok) return c.redirect(`/teams/${team.team}/configure?saved=${done.settings.version}`, 303)
      const theirs = done.settings
      const conflict = { theirs, by: (await versionSaved(db, team.id, theirs.version))?.by ?? 'Another person' }
      // Saving again overwrites: the person has now seen both versions.
      const again = { ...draft, version: theirs.version }
      return show(c, team, await configureView(parts, team, theirs, again, { conflict }))
    })
    .post(`${path}/undo`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const { version } = await formBody(c, undo)
      const before = await settingsOfVersion(db, team.id, version - 1)
      if (!before) throw notFound('version')
      const { version: _, ...body } = before
      const done = await saveImportSettings(c, parts, team, version, body)
      return c.redirect(`/teams/${team.team}/configure${done.ok ? `?saved=${done.settings.version}` : ''}`, 303)
    })
}

/** What a save refuses for single inputs, so that the form is shown again with them. */
function faultsOfRefusal(error: unknown): readonly Fault[] {
  if (error instanceof Refusal && error.faults.length > 0) return error.faults
  throw error
}

function faultsOf(error: z.ZodError): Fault[] {
  return error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
}
