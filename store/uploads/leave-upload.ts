import type { Database } from '../postgres/database.ts'

/** The upload could not be finished: the next recovery takes it, as if its process had died. */
export async function leaveUpload(db: Database, id: string): Promise<void> {
  await db
    .updateTable('upload')
    .set({ process: null })
    .where('id', '=', id)
    .where('state', 'in', ['receiving', 'unconfirmed'])
    .execute()
}
