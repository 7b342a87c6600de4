import { accountOperations } from './account/operations.ts'
import { activityOperations } from './activity/operations.ts'
import { configureOperations } from './configure/operations.ts'
import { contactOperations } from './contacts/operations.ts'
import { ftpAccountOperations } from './ftp-accounts/operations.ts'
import { importOperations } from './imports/operations.ts'
import { manualImportOperations } from './manual-import/operations.ts'
import type { Operations } from './openapi/operation.ts'
import { peopleOperations } from './people/operations.ts'
import { runOperations } from './runs/operations.ts'
import { serviceOperations } from './service/operations.ts'
import { signInOperations } from './sign-in/operations.ts'
import { teamOperations } from './teams/operations.ts'

/** Every request of the API, as the features describe them. */
export const OPERATIONS: Operations = {
  ...signInOperations,
  ...accountOperations,
  ...peopleOperations,
  ...teamOperations,
  ...configureOperations,
  ...ftpAccountOperations,
  ...runOperations,
  ...manualImportOperations,
  ...importOperations,
  ...contactOperations,
  ...activityOperations,
  ...serviceOperations,
}
