import { type Context, Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { unmappedFields } from '../../model/import-settings.ts'
import { firstAccount } from '../../store/ftp-accounts.ts'
import { findBatch } from '../../store/runs/run-history.ts'
import { Refusal } from '../http/refusal.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import { formBody, pathId } from '../http/requests.ts'
import { sendFragments } from '../ui/fragments.ts'
import { frameOf } from '../ui/frame.ts'
import { LiveLooks } from '../ui/live-looks.ts'
import { importsPage, liveFragments } from './imports.tsx'
import type { SetupSteps } from './view.ts'
import { type ImportsParts, type ImportsView, importsView } from './view.ts'

const chosenFile = z.object({ path: z.string() })

/** The imports of a team: next window, waiting files, problems. */
export function importsPages(parts: ImportsParts) {
  const looks = new LiveLooks(parts.signals)
  return new Hono<SignedInRequest>()
    .get('/teams/:team', async (c) => {
      const { team } = await c.var.teams.mine(c.req.param('team'))
      return c.redirect(`/teams/${team}/imports`, 303)
    })
    .get('/teams/:team/imports', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const [frame, view] = await Promise.all([frameOf(c, parts, team), importsView(parts, team)])
      return c.html(importsPage(frame, view, view.ready ? null : await setupOf(parts, view)))
    })
    .post('/teams/:team/files/import', async (c) => {
      const { team } = await c.var.teams.mine(c.req.param('team'))
      const answer = await parts.call<{ runId: string }>(
        c,
        'POST',
        `/api/teams/${team}/files/import`,
        await formBody(c, chosenFile),
      )
      if (!answer.ok) throw new Refusal(answer.status === 403 ? 'forbidden' : 'conflict', answer.detail)
      return c.redirect(`/teams/${team}/runs/${answer.body.runId}`, 303)
    })
    .get('/teams/:team/batches/:id', async (c) => {
      const { team } = await c.var.teams.mine(c.req.param('team'))
      const { runId } = await c.var.teams.found('batch', await findBatch(parts.db, pathId(c, 'batch')))
      return c.redirect(`/teams/${team}/runs/${runId}`, 303)
    })
    .get('/teams/:team/imports/live', async (c: Context<SignedInRequest>) => {
      const team = await c.var.teams.mine(c.req.param('team') ?? '')
      const { log, health, now } = parts
      const viewer = {
        looks,
        page: { key: String(team.id), teamId: team.id },
        token: c.var.formToken,
        log,
        health,
        now,
      }
      return streamSSE(c, (stream) =>
        sendFragments(stream, viewer, async () => {
          const view = await importsView(parts, team)
          return { fragments: liveFragments(view), hurry: view.going !== null }
        }),
      )
    })
}

async function setupOf({ db }: ImportsParts, { team, settings, files }: ImportsView): Promise<SetupSteps> {
  const account = await firstAccount(db, team.id)
  const file = files.find(({ candidate }) => candidate.state === 'ready')?.candidate ?? null
  return {
    account,
    file,
    mapped: unmappedFields(settings).length === 0,
    windows: Object.values(settings.schedule).some((on) => on),
  }
}
