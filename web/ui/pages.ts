import { Hono } from 'hono'
import { z } from 'zod'
import type { Signed } from '../http/request-context.ts'
import { formBody } from '../http/requests.ts'
import { ownPath } from '../http/safe-redirect.ts'
import type { PageParts } from '../parts.ts'
import { frameOf } from './frame.ts'
import { healthFragments } from './side-foot.tsx'
import { keepTheme, THEMES } from './theme.ts'

const theme = z.object({ theme: z.enum(THEMES), to: z.string().max(2000).default('/') })
const picked = z.object({ team: z.string().regex(/^[a-z0-9-]*$/), page: z.string().regex(/^[a-z-]*$/) })

/** What stands on every page: the team picker, the theme, the health of the server. */
export function sharedPages(parts: PageParts) {
  return new Hono<Signed>()
    .get('/go', (c) => {
      const { team, page } = picked.parse(c.req.query())
      return c.redirect(team === '' ? '/' : `/teams/${team}/${page}`, 303)
    })
    .post('/theme', async (c) => {
      const { theme: wanted, to } = await formBody(c, theme)
      keepTheme(c, wanted)
      return c.redirect(ownPath(to), 303)
    })
    .get('/server-health', async (c) => c.html(healthFragments(await frameOf(c, parts))))
}
