import { sql } from 'kysely'
import type { TeamPath } from '../../model/team-path.ts'
import type { FileIdentity } from '../../model/upload.ts'
import type { Database } from '../database.ts'
import { forgetKept } from './kept.ts'
import { gone, lockPath } from './paths.ts'
import { type Judgement, verdictColumns, WAITING } from './verdict.ts'

/**
 * Makes a published upload `ready`; the file that stood under that path before is gone then. `standing` says whether it
 * still stands there, or has been replaced or removed since, while the path is locked: so that of two uploads to one path
 * the ledger holds the one on the disk. A file that was found on the host and entered meanwhile keeps its entry. Answers
 * the hidden names of interrupted uploads to that path, which nobody continues any more.
 */
export async function uploadReady(
  db: Database,
  upload: { id: string; teamId: number; path: TeamPath; account: string | null; identity: FileIdentity | null },
  standing: () => Promise<Judgement | 'replaced' | undefined>,
): Promise<string[]> {
  const { id, teamId, path, account, identity } = upload
  return db.transaction().execute(async (tx) => {
    await lockPath(tx, teamId, path)
    const outcome = (await standing()) ?? WAITING
    if (outcome !== 'replaced') await gone(tx, teamId, path, identity)
    const marked = await tx
      .updateTable('upload')
      .set({
        state: 'ready',
        temporary_name: null,
        ...verdictColumns(outcome === 'replaced' ? WAITING : outcome),
        gone_at:
          outcome === 'replaced'
            ? sql<Date>`now()`
            : sql<Date | null>`(select now() from upload p where p.team_id = ${teamId} and p.path = ${path}
                and p.state = 'ready' and p.gone_at is null)`,
      })
      .where('id', '=', id)
      .where('state', '!=', 'ready')
      .returning(
        sql<boolean>`exists (select from upload k where k.team_id = ${teamId} and k.path = ${path}
          and k.state = 'incomplete' and k.temporary_name is not null)`.as('overKept'),
      )
      .executeTakeFirst()
    return account !== null && marked?.overKept ? forgetKept(tx, teamId, { path, account }) : []
  })
}
