import { Hono } from 'hono'
import { z } from 'zod'
import { secondFactorRule } from '../../store/people/second-factor.ts'
import type { CallApi } from '../http/call-api.ts'
import { Refusal } from '../http/refusal.ts'
import { requireOwner, type SignedInRequest } from '../http/request-context.ts'
import { formBody } from '../http/requests.ts'
import { type FrameParts, frameOf } from '../ui/frame.ts'
import type { ServerFacts } from '../ui/server-facts.ts'
import { settingsPage } from './settings.tsx'

const settings = z.object({ secondFactor: z.enum(['optional', 'required']) })

export interface ServicePageParts extends FrameParts {
  call: CallApi
  server: ServerFacts
}

/** The settings of the server, for owners. */
export function servicePages(parts: ServicePageParts) {
  const { db, call, server } = parts
  return new Hono<SignedInRequest>()
    .get('/settings', async (c) => {
      requireOwner(c)
      return c.html(settingsPage(await frameOf(c, parts), { server, secondFactor: await secondFactorRule(db) }))
    })
    .post('/settings', async (c) => {
      requireOwner(c)
      const answer = await call(c, 'PATCH', '/api/installation', await formBody(c, settings))
      if (!answer.ok) throw new Refusal('forbidden', answer.detail)
      return c.redirect('/settings?done=settings-saved', 303)
    })
}
