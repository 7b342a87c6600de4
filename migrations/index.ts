import type { Migration } from 'kysely/migration'
import * as teams from './0001-teams.ts'
import * as uploads from './0002-uploads.ts'
import * as runs from './0003-runs.ts'
import * as contacts from './0004-contacts.ts'
import * as outbox from './0005-outbox.ts'
import * as endpoints from './0006-endpoints.ts'
import * as contactKeys from './0007-contact-keys.ts'
import * as runControl from './0008-run-control.ts'
import * as people from './0009-people.ts'
import * as walls from './0009-walls.ts'
import * as contactSearch from './0010-contact-search.ts'
import * as undo from './0011-undo.ts'
import * as silence from './0012-silence.ts'
import * as proofs from './0013-proofs.ts'
import * as undoRuns from './0014-undo-runs.ts'
import * as contactHistory from './0015-contact-history.ts'
import * as fewContacts from './0016-few-contacts.ts'
import * as claimedOwners from './0017-claimed-owners.ts'
import * as restoredFiles from './0018-restored-files.ts'
import * as moments from './0019-moments.ts'
import * as room from './0020-room.ts'
import * as stoppedNumbers from './0021-stopped-numbers.ts'
import * as rights from './0022-rights.ts'
import * as definerFunctions from './0023-definer-functions.ts'
import * as choice from './0024-choice.ts'
import * as keptErrors from './0025-kept-errors.ts'
import * as pauses from './0026-pauses.ts'
import * as formerRecipients from './0027-former-recipients.ts'
import * as writtenFiles from './0028-written-files.ts'
import * as webhooks from './0029-webhooks.ts'
import * as foldedSearch from './0031-folded-search.ts'

/**
 * Every change of the schema. A released migration is never edited. kysely applies them in the order of their whole names, not
 * of their numbers: of the two numbered 0009, `people` comes before `walls`. A new one takes a number of its own.
 */
export const MIGRATIONS: Record<string, Migration> = {
  '0001-teams': teams,
  '0002-uploads': uploads,
  '0003-runs': runs,
  '0004-contacts': contacts,
  '0005-outbox': outbox,
  '0006-endpoints': endpoints,
  '0007-contact-keys': contactKeys,
  '0008-run-control': runControl,
  '0009-people': people,
  '0009-walls': walls,
  '0010-contact-search': contactSearch,
  '0011-undo': undo,
  '0012-silence': silence,
  '0013-proofs': proofs,
  '0014-undo-runs': undoRuns,
  '0015-contact-history': contactHistory,
  '0016-few-contacts': fewContacts,
  '0017-claimed-owners': claimedOwners,
  '0018-restored-files': restoredFiles,
  '0019-moments': moments,
  '0020-room': room,
  '0021-stopped-numbers': stoppedNumbers,
  '0022-rights': rights,
  '0023-definer-functions': definerFunctions,
  '0024-choice': choice,
  '0025-kept-errors': keptErrors,
  '0026-pauses': pauses,
  '0027-former-recipients': formerRecipients,
  '0028-written-files': writtenFiles,
  '0029-webhooks': webhooks,
  '0031-folded-search': foldedSearch,
}
