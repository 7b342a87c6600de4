import type { TeamPath } from '../../model/team-path.ts'
import type { FileIdentity, SeenFile } from '../../model/upload.ts'
import type { Database } from '../postgres/database.ts'
import { prepared } from '../postgres/prepared.ts'
import { forgetKept } from './interrupted-uploads.ts'
import { freeOf, lockPath } from './path-locks.ts'
import { type Judgement, WAITING } from './verdict.ts'

/** An upload whose file has been given its name. */
export interface PublishedUpload {
  id: string
  teamId: number
  path: TeamPath
  account: string | null
  /** As it is under its name: a copy, where that is on another file system than what was received. */
  identity: FileIdentity | null
}

/** The file at the path, with its identity and judgement; or it has been replaced or removed since. */
export type Standing =
  | { seen?: Pick<SeenFile, 'identity' | 'changedAt'>; judgement?: Judgement }
  | 'replaced'
  | undefined

/**
 * Makes a published upload `ready`; the former file at that path is gone then. `standing` is called under the path
 * lock, so that of two uploads to one path the ledger holds the one on the disk. A file that was found on the
 * host and entered meanwhile keeps its entry. Answers the hidden names of interrupted uploads to that path, which can
 * no longer be resumed.
 */
export async function uploadReady(
  db: Database,
  upload: PublishedUpload,
  standing: () => Promise<Standing>,
): Promise<string[]> {
  return db.transaction().execute(async (tx) => {
    await lockPath(tx, upload.teamId, upload.path)
    const [names = []] = await makeReady(tx, [{ upload, outcome: await standing() }])
    return names
  })
}

/**
 * As `uploadReady`, for many at once, each to a different path: all of them, or none. It never waits: where another
 * else has locked the path it answers null, and that upload is as it was.
 */
export async function uploadsReady(
  db: Database,
  uploads: readonly PublishedUpload[],
  standing: (upload: PublishedUpload) => Promise<Standing>,
): Promise<(string[] | null)[]> {
  return db.transaction().execute(async (tx) => {
    const free = await freeOf(tx, uploads)
    const mine = uploads.filter((_, at) => free[at])
    const decided = await Promise.all(mine.map(async (upload) => ({ upload, outcome: await standing(upload) })))
    const names = new Map(mine.map(({ id }) => [id, [] as string[]]))
    for (const [at, found] of (await makeReady(tx, decided)).entries()) names.set(mine[at]?.id as string, found)
    return uploads.map(({ id }) => names.get(id) ?? null)
  })
}

interface Decided {
  upload: PublishedUpload
  outcome: Standing
}

async function makeReady(tx: Database, decided: readonly Decided[]): Promise<string[][]> {
  const stand = decided.filter(({ outcome }) => outcome !== 'replaced')
  if (stand.length > 0)
    await replace(
      tx,
      stand.map(({ upload }) => upload.teamId),
      stand.map(({ upload }) => upload.path),
      ...identityColumns(stand),
      stand.map(({ upload }) => upload.identity?.bytes),
    )
  const judgements = decided.map(({ outcome }) => (outcome !== 'replaced' && outcome?.judgement) || WAITING)
  const marked = await mark(
    tx,
    decided.map(({ upload }) => upload.id),
    decided.map(({ outcome }) => outcome === 'replaced'),
    judgements.map(({ verdict }) => verdict),
    judgements.map(({ reason }) => reason),
    ...identityColumns(decided),
  )
  const overKept = new Set(marked.flatMap((row) => (row.overKept ? [row.id] : [])))
  const names: string[][] = []
  for (const { upload } of decided) {
    const { id, teamId, path, account } = upload
    names.push(account !== null && overKept.has(id) ? await forgetKept(tx, teamId, { path, account }) : [])
  }
  return names
}

/** Device, inode and time of the last change. */
function identityColumns(decided: readonly Decided[]) {
  const seen = decided.map(({ outcome }) => (outcome === 'replaced' ? undefined : outcome?.seen))
  const identities = decided.map(({ upload }, at) => seen[at]?.identity ?? upload.identity)
  return [
    identities.map((identity) => identity && String(identity.device)),
    identities.map((identity) => identity && String(identity.inode)),
    seen.map((file) => file?.changedAt.toISOString()),
  ]
}

/** Marks the former files at these paths as gone, except the same file if it was found on the host. */
const replace = prepared(
  'uploads_replaced',
  `update upload set gone_at = clock_timestamp()
  from unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[])
    as r (team_id, path, device, inode, changed_at, bytes)
  where upload.team_id = r.team_id and upload.path = r.path and upload.state = 'ready' and upload.gone_at is null
    and (upload.source = 'host' and upload.inode = r.inode and upload.bytes = r.bytes
      and (upload.device = r.device or upload.changed_at = r.changed_at)) is not true`,
)

const mark = prepared<{ id: string; overKept: boolean }>(
  'uploads_ready',
  `update upload set state = 'ready', temporary_name = null,
    verdict = r.verdict, verdict_reason = r.reason, verdict_at = clock_timestamp(),
    device = coalesce(r.device, upload.device), inode = coalesce(r.inode, upload.inode), changed_at = r.changed_at,
    gone_at = case when r.replaced then clock_timestamp() else (select clock_timestamp() from upload p
      where p.team_id = upload.team_id and p.path = upload.path and p.state = 'ready' and p.gone_at is null) end
  from unnest($1::uuid[], $2::boolean[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
    as r (id, replaced, verdict, reason, device, inode, changed_at)
  where upload.id = r.id and upload.state <> 'ready'
  returning upload.id, exists (select from upload k where k.team_id = upload.team_id and k.path = upload.path
    and k.state = 'incomplete' and k.temporary_name is not null) as "overKept"`,
)
