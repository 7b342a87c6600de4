import { Hono } from 'hono'
import { accountPages } from './account/pages.ts'
import { activityPages } from './activity/pages.ts'
import { configurePages } from './configure/pages.ts'
import { contactsPages } from './contacts/pages.ts'
import { ftpAccountsPages } from './ftp-accounts/pages.ts'
import type { Signed } from './http/request-context.ts'
import { importsPages } from './imports/pages.ts'
import { manualImportPages } from './manual-import/pages.ts'
import { overviewPages } from './overview/pages.ts'
import type { PageParts } from './parts.ts'
import { ownerPages } from './people/pages.ts'
import { runsPages } from './runs/pages.ts'
import { teamPages } from './teams/pages.ts'
import { usersPages } from './teams/users-pages.ts'
import { sharedPages } from './ui/pages.ts'

/** Every page behind the sign-in. */
export function pageRoutes(parts: PageParts) {
  return new Hono<Signed>()
    .route('/', accountPages(parts))
    .route('/', activityPages(parts))
    .route('/', configurePages(parts))
    .route('/', contactsPages(parts))
    .route('/', ftpAccountsPages(parts))
    .route('/', importsPages(parts))
    .route('/', manualImportPages(parts))
    .route('/', overviewPages(parts))
    .route('/', ownerPages(parts))
    .route('/', runsPages(parts))
    .route('/', sharedPages(parts))
    .route('/', teamPages(parts))
    .route('/', usersPages(parts))
}
