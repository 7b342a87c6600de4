import { Hono } from 'hono'
import { z } from 'zod'
import { frameOf } from './frame.ts'
import { keepTheme, THEMES } from './look.ts'
import { ownPath } from './own-path.ts'
import type { PageParts } from './page-parts.ts'
import { healthFragments } from './pages/side-foot.tsx'
import { formBody } from './requests.ts'
import type { Signed } from './signed.ts'

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
