import type { Context } from 'hono'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import type { CheckStoredFile } from '../../ingest/check-file.ts'
import { TooManyChecks } from '../../ingest/check-turns.ts'
import type { Database } from '../../store/postgres/database.ts'
import { Refusal } from '../http/refusal.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import { filePath, jsonBody } from '../http/requests.ts'
import { refuseUnmapped } from '../runs/exports.ts'

export const checkRequest = z.object({
  path: filePath.describe('Path of the file to check, for example `/cadence/imports/StudentData.csv`.'),
})

/**
 * The dry run of a file on the server. A client that accepts `text/event-stream` gets the progress as events. Closing the
 * connection cancels the check.
 */
export function checkRoutes(db: Database, checkStoredFile: CheckStoredFile) {
  return new Hono<SignedInRequest>().post('/api/teams/:team/check', async (c) => {
    const team = await c.var.teams.mine(c.req.param('team'))
    const { path } = await jsonBody(c, checkRequest)
    await refuseUnmapped(db, team.id)
    const { signal } = c.req.raw
    if (!wantsEvents(c)) return c.json(await checkStoredFile(team, path, { signal, progress: () => {} }))
    return streamSSE(c, async (stream) => {
      const closed = new AbortController()
      stream.onAbort(() => closed.abort(new Error('the client closed the connection')))
      const tell = (event: string, data: unknown) => stream.writeSSE({ event, data: JSON.stringify(data) })
      try {
        const check = await checkStoredFile(team, path, {
          signal: AbortSignal.any([signal, closed.signal]),
          progress: (progress) => void tell('progress', progress),
        })
        await tell('finished', check)
      } catch (error) {
        if (closed.signal.aborted || signal.aborted) return
        const told = error instanceof Refusal || error instanceof TooManyChecks
        await tell('failed', { detail: told ? error.message : 'The check failed.' })
        throw error
      }
    })
  })
}

function wantsEvents(c: Context): boolean {
  return c.req.header('Accept')?.includes('text/event-stream') ?? false
}
