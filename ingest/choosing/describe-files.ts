import type { ImportSettings } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import type { TeamFile } from '../../model/team-file.ts'
import type { TeamPath } from '../../model/team-path.ts'
import type { Upload } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import { archivedFiles } from '../../store/runs/archived-files.ts'
import { lastBatches } from '../../store/runs/batches.ts'
import { currentSettings } from '../../store/settings.ts'
import { writtenAt } from '../../store/written/standing-files.ts'
import type { Outlook } from '../schedule/outlook.ts'
import type { Outlooks } from '../schedule/outlooks.ts'
import { type Fate, factsOf, fateOf, type Rivals } from './fate.ts'
import { actionFor } from './fate-uses.ts'
import { fateWords } from './fate-words.ts'
import { rivalsOf } from './waiting.ts'

/** A file or an upload of a team, before its fate is known. */
export interface FileToDescribe {
  path: TeamPath
  bytes: number
  /** Null where the ledger does not know it. */
  upload: Upload | null
  /** Of an upload that broke off: so many bytes wait to be continued. */
  kept?: number | null
}

export interface FateParts {
  db: Database
  outlooks: Outlooks
  now: Date
  /** Where the caller has asked for it already. */
  standing?: Standing
}

/** What decides the fates of a team's files at one moment. */
export interface Standing {
  settings: ImportSettings
  outlook: Outlook
  rivals: Rivals
}

export async function standingOf({ db, outlooks, now }: FateParts, team: Team): Promise<Standing> {
  const settings = await currentSettings(db, team.id)
  const outlook = await outlooks.of(db, team, settings, now)
  return { settings, outlook, rivals: await rivalsOf(db, team.id, settings) }
}

/** Each file with its fate, one sentence on it, and one thing to do about it. */
export async function describeFiles(
  parts: FateParts,
  team: Team,
  files: readonly FileToDescribe[],
): Promise<TeamFile[]> {
  return (await fatesOf(parts, team, files)).map(({ file: { path, bytes, upload }, fate, batchId }) => ({
    path,
    bytes,
    state: upload?.state ?? 'ready',
    receivedAt: upload?.state === 'ready' ? (upload.receivedAt?.toISOString() ?? null) : null,
    verdict: upload?.verdict ?? (fate.kind === 'archived' ? 'imported' : null),
    fate: fate.kind,
    reason: fateWords(fate),
    // That a window passed without a file is told of no batch.
    action: fate.kind === 'written' && batchId === null ? 'none' : actionFor(fate),
    batchId,
  }))
}

/** Each file with its fate and the last batch that tried it. */
export async function fatesOf<File extends FileToDescribe>(
  parts: FateParts,
  team: Team,
  files: readonly File[],
): Promise<{ file: File; fate: Fate; batchId: string | null }[]> {
  const { db, now } = parts
  const { settings, outlook, rivals } = parts.standing ?? (await standingOf(parts, team))
  const batches = await lastBatches(
    db,
    files.flatMap(({ upload }) => upload?.id ?? []),
  )
  const archived = await archivedFiles(
    db,
    team.id,
    files.flatMap(({ path, upload }) => (upload === null ? [path] : [])),
  )
  const written = await writtenAt(
    db,
    team.id,
    files.flatMap(({ path, upload }) => (upload === null ? [path] : [])),
  )
  return files.map((file) => {
    const { path, bytes, upload, kept = null } = file
    const batch = upload && batches.get(upload.id)
    const moved = upload === null ? archived.get(path) : undefined
    const archive = moved?.bytes === bytes ? moved : null
    const ours = upload === null ? written.get(path) : undefined
    const isOurs = ours !== undefined && [ours.bytes, ours.former_bytes].includes(bytes)
    const known = {
      kept,
      written: isOurs,
      undone: batch?.state === 'undone',
      run: batch?.run ?? null,
      archivedBy: archive?.run ?? null,
    }
    const fate = fateOf(factsOf(path, upload, known), settings, outlook, rivals, now)
    return { file, fate, batchId: batch?.id ?? archive?.batchId ?? (isOurs ? ours.batch_id : null) }
  })
}
