import { z } from 'zod'
import type { RecordError } from '../../model/record.ts'
import type { Batch, Run, UndoFigures } from '../../model/run.ts'
import { count, id, type Like, moment, pageOf, teamSlug, text, windowName } from '../openapi/answers.ts'

const problemOfFile = z.object({
  code: text.nullable().describe('Stable code, for example `F_COLUMN_MISSING`; null after a failure of the service.'),
  message: text.describe('What is wrong and how to fix it.'),
  columns: z
    .array(
      z.object({
        field: text.describe('Field as in the import settings, or the name of an additional field.'),
        title: text.describe('Title of the field.'),
        column: text.describe('Column that is mapped and not in the file.'),
        likely: z
          .object({
            column: text.describe('Column of the file.'),
            confidence: z
              .enum(['confident', 'possible'])
              .describe('`confident`: name and values agree, and no other column comes near. `possible`: look at it.'),
            because: text.describe('What speaks for it.'),
          })
          .nullable()
          .describe('The column that most likely took its place; null if none is near.'),
      }),
    )
    .optional()
    .describe('Only for `F_COLUMN_MISSING`: the missing columns.'),
})

const COUNTS = {
  records: 'Records in the file: created + updated + unchanged + rejected + superseded.',
  created: 'Records that created a contact.',
  updated: 'Records that changed a contact.',
  unchanged: 'Records equal to what was stored.',
  rejected: 'Records that were not imported.',
  superseded: 'Records replaced by a later record with the same Contact ID.',
  imported: 'Created + updated + unchanged.',
  optedOut: 'Contacts that this batch opted out.',
  optedIn: 'Contacts that this batch opted in.',
} satisfies Record<keyof Batch['counts'], string>

const counts = z.object(
  Object.fromEntries(Object.entries(COUNTS).map(([name, description]) => [name, count.describe(description)])),
)

const heldBatch = z.object({
  findings: z
    .array(
      z.object({
        rule: text.describe(
          'Which rule held it: `errors`, `record_count_drop`, `mass_change`, `mobiles_changed`, `field_cleared`, `opted_in`, `known_numbers`, `opt_out_column_absent`, or `unconfirmed` (the upload may be incomplete).',
        ),
        message: text.describe('The finding with its figures.'),
      }),
    )
    .describe('Why it was held.'),
  counts: z.record(text, count).describe('What the import would do, by the names of `counts` of a batch.'),
  samples: z
    .array(
      z.object({
        line: count.describe('Line in the file where the record starts.'),
        contactId: text.describe('Contact ID.'),
        fields: z
          .array(
            z.object({
              field: text.describe('Name of the field.'),
              before: text.nullable().describe('Stored value; null if empty.'),
              after: text.nullable().describe('New value; null if empty.'),
            }),
          )
          .describe('The fields that would change.'),
      }),
    )
    .describe('Some contacts that would change.'),
  revision: count.describe(
    'Counts up each time that the figures are made anew, because the settings or the contacts have changed.',
  ),
})

const figures = z.object({
  restored: count.describe('Updated contacts that get their previous values back.'),
  removed: count.describe('Created contacts that are removed.'),
  left: count.describe('Contacts that stay as they are, because they changed after the batch.'),
  leftContacts: z
    .array(
      z.object({
        contactId: text.describe('Contact ID.'),
        reason: z
          .enum(['another_batch', 'preference'])
          .describe('`another_batch`: a later import changed it. `preference`: its opt-out preference was set since.'),
      }),
    )
    .describe('The first of these contacts.'),
})

export const undoFigures = figures.meta({
  id: 'UndoFigures',
  description: 'What undoing a batch does to the contacts.',
}) satisfies Like<UndoFigures>

const undoneBy = { by: text.describe('Who asked for it.'), at: moment.describe('When.') }

export const batch = z
  .object({
    id: id.describe('ID of the batch.'),
    state: z
      .enum([
        'queued',
        'parsing',
        'applying',
        'imported',
        'imported_with_errors',
        'rejected',
        'held',
        'failed',
        'aborted',
        'undone',
      ])
      .describe(
        '`queued`, `parsing`, `applying`: in progress. `imported`: all records. `imported_with_errors`: some records were rejected. `rejected`: the file cannot be imported. `held`: waits for a decision. `failed`: the service failed. `aborted`: stopped. `undone`: imported, then undone.',
      ),
    path: text.describe('Path of the file when it was imported.'),
    fileName: text.describe('Name of the file.'),
    bytes: count.describe('Size in bytes.'),
    sha256: text.nullable().describe('SHA-256 of the file in hex; null until it is known.'),
    receivedAt: moment.nullable().describe('When the upload was complete; null if unknown.'),
    startedAt: moment.nullable().describe('When the import of the file started; null before.'),
    finishedAt: moment.nullable().describe('When the import of the file ended; null before.'),
    settingsVersion: count.describe('Version of the import settings that was used.'),
    counts: counts.describe('What happened to the records.'),
    errorsKept: count.describe(
      'How many of the rejected records are stored and listed by `errors` and `errors.csv`: at most 100,000 and 100 MB of a batch, and fewer than `counts.rejected` if there were more.',
    ),
    warnings: z.record(text, count).describe('How often each warning occurred, by its code (`W_...`).'),
    problem: problemOfFile.nullable().describe('Why the file was not imported; null if it was.'),
    held: heldBatch.nullable().describe('Why the batch was held and what it would do; null if it was not held.'),
    afterImport: z
      .object({
        action: z
          .enum(['move', 'delete'])
          .describe('`move`: moved to the archive folder. `delete`: deleted after the import.'),
        path: text.nullable().describe('Where the file is now; null if deleted.'),
      })
      .nullable()
      .describe('What was done with the file after the import; null before, and for Manual Import.'),
    recap: z
      .object({
        state: z
          .enum(['waiting', 'queued', 'sent', 'failed'])
          .describe(
            '`waiting`: not written yet. `queued`: will be sent. `sent`: accepted by the mail server. `failed`: given up.',
          ),
        attempts: count.describe('How often sending was tried.'),
      })
      .nullable()
      .describe('The recap e-mail; null if there is none.'),
    undoableUntil: moment.nullable().describe('Until when it can be undone; null if it cannot.'),
    undo: z
      .object({
        state: z
          .enum(['going', 'failed'])
          .describe('`going`: waiting or in progress. `failed`: tried, and nothing was changed.'),
        ...undoneBy,
      })
      .nullable()
      .describe('The undo that was asked for; null if there is none or it is done.'),
    undone: figures.extend(undoneBy).nullable().describe('What the undo did; null if the batch was not undone.'),
  })
  .meta({ id: 'Batch', description: 'One file that was imported once.' }) satisfies Like<Batch>

export const run = z
  .object({
    id: id.describe('ID of the run.'),
    number: count.describe('Number of the run within the team, from 1.'),
    team: teamSlug,
    trigger: z
      .enum(['scheduled', 'on_demand', 'manual'])
      .describe('`scheduled`: a daily window. `on_demand`: Run Import. `manual`: Manual Import.'),
    window: z
      .object({ name: windowName, date: z.iso.date().describe('Local date of the team.') })
      .nullable()
      .describe('The window that started it; null if it was not scheduled.'),
    state: z
      .enum([
        'queued',
        'running',
        'imported',
        'imported_with_errors',
        'rejected',
        'failed',
        'nothing_to_import',
        'held',
        'aborted',
      ])
      .describe(
        '`queued`: waits for another run. `running`: in progress. `nothing_to_import`: no file matched. Otherwise the state of its worst batch.',
      ),
    waitsForRoom: z
      .boolean()
      .describe('True: it is queued and starts as soon as the disk of the database has room again.'),
    requestedBy: text.nullable().describe('E-mail address of the person who started it; null for a window.'),
    createdAt: moment.describe('When it was queued.'),
    startedAt: moment.nullable().describe('When it started; null before.'),
    finishedAt: moment.nullable().describe('When it ended; null before.'),
    files: z
      .array(
        z.object({
          path: text.describe('Path of the file.'),
          verdict: z
            .enum(['waiting', 'claimed', 'imported', 'rejected', 'held', 'superseded'])
            .describe(
              '`waiting`: not imported. `claimed`: taken by this run. `imported`, `rejected`, `held`: result of an import. `superseded`: a newer file was imported.',
            ),
          reason: text.describe('Why it was taken or skipped.'),
        }),
      )
      .describe('Files that the run found.'),
    batches: z.array(batch).describe('One batch for each file that it imported.'),
  })
  .meta({ id: 'Run', description: 'One import of a team, with a batch for each file.' }) satisfies Like<Run>

export const recordError = z
  .object({
    line: count.describe('Line in the file where the record starts.'),
    contactId: text.nullable().describe('Contact ID; null if it could not be read.'),
    errors: z
      .array(
        z.object({
          code: text.describe('Stable code, for example `E_MOBILE_INVALID`.'),
          field: text.nullable().describe('Name of the field; null if the whole record is meant.'),
          message: text.describe('What is wrong and how to fix it.'),
        }),
      )
      .describe('Everything that is wrong with the record.'),
    values: z.array(text).describe('Values of the record as in the file, in the order of the header.'),
  })
  .meta({ id: 'RecordError', description: 'A record that was not imported.' }) satisfies Like<RecordError>

export const recordErrors = z.object({
  ...pageOf(recordError).shape,
  rejected: count.describe('How many records of the batch were rejected in all.'),
  kept: count.describe('How many of them are stored, and so are in this list.'),
})
