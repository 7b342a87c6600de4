import type { FileArea, FileEntry } from '../../files/file-area.ts'
import { FileProblem } from '../../files/file-area.ts'
import { seenFile } from '../../files/seen-file.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { FileVerdict } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import { folderOf, nameOf, type TeamPath } from '../../model/team-path.ts'
import { recognise, sameFile, type Upload } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import { heldUploads, lastBatches } from '../../store/runs/batches.ts'
import { currentSettings } from '../../store/settings.ts'
import { uploadVanished } from '../../store/uploads/arrived-files.ts'
import { lastTakenAt, presentUploads } from '../../store/uploads/find-uploads.ts'
import { fileFound } from '../../store/uploads/found.ts'
import { namelessUploads } from '../../store/uploads/held-beside.ts'
import { learnFile } from '../../store/uploads/recognise.ts'
import { writtenFile } from '../../store/written/standing-files.ts'
import { factsOf } from './fate.ts'
import { type Candidate, selectFiles } from './select-files.ts'

/** A file that did not come through us is taken once nothing has changed in it for this long. */
const SETTLED_MS = 60_000

/**
 * Files in the File Path or on their way there, but those that the service itself wrote. Brings the ledger up to what the disk holds: a file that a restore
 * brought back keeps its entry, a settled one that came by other means gets one, a missing one is marked as gone.
 */
export async function listCandidates(
  db: Database,
  files: FileArea,
  team: Team,
  { path: folder, select }: Pick<ImportSettings['file'], 'path' | 'select'>,
  now: Date,
): Promise<Candidate[]> {
  const inFolder = (upload: Upload) => folderOf(upload.path) === folder
  const known = new Map((await presentUploads(db, team.id)).filter(inFolder).map((upload) => [upload.path, upload]))
  const candidates: Candidate[] = []
  const unknown: FileEntry[] = []
  for await (const entry of entriesOf(files, folder)) {
    const upload = known.get(entry.path)
    known.delete(entry.path)
    if (upload && recognise(upload, entry) === 'same') {
      candidates.push(candidateOf(upload.path, upload))
      if (upload.changedAt === null || upload.sha256 === null) await learnRest(db, files, upload, entry)
    } else unknown.push(entry)
  }
  for (const entry of unknown.sort((a, b) => age(a) - age(b))) {
    if (await writtenFile(db, team.id, seenFile(files, entry))) continue
    candidates.push(...(await fromElsewhere(db, files, team, entry, { select, now })))
  }
  // A file published since the folder was read is not gone.
  for (const { path } of known.values())
    if (!(await stands(files, path))) await uploadVanished(db, team.id, path, () => stands(files, path))
  for (const upload of await namelessUploads(db, team.id))
    if (inFolder(upload)) candidates.push(candidateOf(upload.path, upload))
  const uploadsOf = (wanted: FileVerdict) =>
    candidates.flatMap(({ uploadId, verdict }) => (uploadId && verdict === wanted ? [uploadId] : []))
  const decided = await heldUploads(db, uploadsOf('held'))
  const batches = await lastBatches(db, uploadsOf('imported'))
  return candidates.map((candidate) => {
    const id = candidate.uploadId ?? ''
    const batch = batches.get(id)
    return { ...candidate, shown: decided.has(id), undone: batch?.state === 'undone', run: batch?.run ?? null }
  })
}

/** Looks for a file that a scheduled run would import now, other than the uploads in `tried`. */
export async function hasFile(
  db: Database,
  files: FileArea,
  team: Team,
  now: Date,
  tried: readonly string[],
): Promise<boolean> {
  const settings = await currentSettings(db, team.id)
  const candidates = await listCandidates(db, files, team, settings.file, now)
  const { take } = selectFiles(candidates, settings, 'scheduled', {
    lastTakenAt: await lastTakenAt(db, team.id, settings.file.path),
  })
  const before = new Set(tried)
  return take.some(({ uploadId }) => uploadId === null || !before.has(uploadId))
}

async function* entriesOf(files: FileArea, folder: TeamPath): AsyncIterable<FileEntry> {
  try {
    yield* files.list(folder, 'files')
  } catch (error) {
    // The folder does not exist yet, so it is empty.
    if (!(error instanceof FileProblem && error.kind === 'not-found')) throw error
  }
}

/** Receipt orders files; files found together are entered in the order of their last write. */
function age({ modifiedAt, changedAt }: FileEntry): number {
  return Math.min(modifiedAt.getTime(), changedAt.getTime())
}

/** Adds what a restore needs, for a file that was renamed or found by an earlier release. */
async function learnRest(db: Database, files: FileArea, upload: Upload, entry: FileEntry): Promise<void> {
  const seen = seenFile(files, entry)
  await learnFile(db, upload.id, seen, upload.sha256 ?? (await seen.sha256()))
}

async function fromElsewhere(
  db: Database,
  files: FileArea,
  team: Team,
  entry: FileEntry,
  { select, now }: { select: ImportSettings['file']['select']; now: Date },
): Promise<Candidate[]> {
  const settled = now.getTime() - entry.changedAt.getTime() >= SETTLED_MS
  const upload = await fileFound(db, team.id, {
    ...{ seen: seenFile(files, entry), settled, select },
    stands: () => stillIs(files, entry),
  })
  if (upload) return upload.state === 'ready' ? [candidateOf(upload.path, upload)] : []
  return settled ? [] : [candidateOf(entry.path, null, entry.bytes)]
}

async function stillIs(files: FileArea, { path, identity }: FileEntry): Promise<boolean> {
  return files.stat(path).then(
    (entry) => sameFile(entry.identity, identity),
    () => false,
  )
}

export function candidateOf(
  path: TeamPath,
  upload: (Upload & { temporaryName?: string | null }) | null,
  bytes = upload?.bytes ?? 0,
): Candidate {
  return {
    ...factsOf(path, upload),
    name: nameOf(path),
    receivedAt: upload?.receivedAt ?? null,
    bytes,
    temporaryName: upload?.state === 'ready' ? (upload.temporaryName ?? null) : null,
    shown: false,
  }
}

async function stands(files: FileArea, path: TeamPath): Promise<boolean> {
  return files.stat(path).then(
    () => true,
    () => false,
  )
}
