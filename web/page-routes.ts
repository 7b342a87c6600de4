import { Hono } from 'hono'
import { accountPages } from './page-account.ts'
import { activityPages } from './page-activity.ts'
import { configurePages } from './page-configure.ts'
import { contactsPages } from './page-contacts.ts'
import { ftpAccountsPages } from './page-ftp-accounts.ts'
import { importsPages } from './page-imports.ts'
import { manualImportPages } from './page-manual-import.ts'
import { overviewPages } from './page-overview.ts'
import { ownerPages } from './page-owner.ts'
import type { PageParts } from './page-parts.ts'
import { runsPages } from './page-runs.ts'
import { sharedPages } from './page-shared.ts'
import { teamPages } from './page-team.ts'
import { usersPages } from './page-users.ts'
import type { Signed } from './signed.ts'

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
