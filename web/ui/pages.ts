import { Hono } from 'hono'
import { z } from 'zod'
import { THEMES } from '../http/look.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import { formBody } from '../http/requests.ts'
import { safeRedirect } from '../http/safe-redirect.ts'
import type { FrameParts } from './frame.ts'
import { healthFragments } from './side-foot.tsx'
import { rememberTheme } from './theme.ts'

const theme = z.object({ theme: z.enum(THEMES), to: z.string().max(2000).default('/') })
const picked = z.object({ team: z.string().regex(/^[a-z0-9-]*$/), page: z.string().regex(/^[a-z-]*$/) })

/** The parts of every page: team picker, theme, server health. */
export function sharedPages(parts: FrameParts) {
  return new Hono<SignedInRequest>()
    .get('/go', (c) => {
      const { team, page } = picked.parse(c.req.query())
      return c.redirect(team === '' ? '/' : `/teams/${team}/${page}`, 303)
    })
    .post('/theme', async (c) => {
      const { theme: wanted, to } = await formBody(c, theme)
      rememberTheme(c, wanted)
      return c.redirect(safeRedirect(to), 303)
    })
    .get('/server-health', async (c) =>
      c.html(healthFragments({ health: await parts.health.report(), now: parts.now() })),
    )
}
