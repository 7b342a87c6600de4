import type { FileArea, FileEntry } from '../../files/file-area.ts'
import { FileProblem } from '../../files/file-area.ts'
import type { Team } from '../../model/team.ts'
import { folderOf, nameOf, type TeamPath } from '../../model/team-path.ts'
import { sameFile, type Upload } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import { heldUploads } from '../../store/runs/batches.ts'
import { currentSettings } from '../../store/settings.ts'
import { fileArrived, uploadVanished } from '../../store/uploads/arrived-files.ts'
import { presentUploads, uploadOfFile } from '../../store/uploads/find-uploads.ts'
import { unfinishedUploads } from '../../store/uploads/unfinished-uploads.ts'
import { type Candidate, selectFiles } from './select-files.ts'

/** A file that did not come through us is taken once nothing has changed in it for this long. */
const SETTLED_MS = 60_000

/**
 * What stands in `folder` or is on its way there. Brings the ledger up to what the disk holds: a settled file that was
 * put there by other means is entered, one that is gone is marked so.
 */
export async function listCandidates(
  db: Database,
  files: FileArea,
  team: Team,
  folder: TeamPath,
  now: Date,
): Promise<Candidate[]> {
  const inFolder = (upload: Upload) => folderOf(upload.path) === folder
  const known = new Map((await presentUploads(db, team.id)).filter(inFolder).map((upload) => [upload.path, upload]))
  const candidates: Candidate[] = []
  for await (const entry of entriesOf(files, folder)) {
    if (entry.kind !== 'file') continue
    const upload = known.get(entry.path)
    known.delete(entry.path)
    if (upload?.identity && sameFile(upload.identity, entry.identity)) candidates.push(candidateOf(upload))
    else candidates.push(...(await fromElsewhere(db, team, entry, now)))
  }
  // What an upload published since the folder was read is not gone; only the next look can tell that.
  for (const { path } of known.values())
    if (!(await stands(files, path))) await uploadVanished(db, team.id, path, () => stands(files, path))
  const unfinished = await unfinishedUploads(db, team.id)
  const decided = await heldUploads(
    db,
    candidates.flatMap(({ uploadId, verdict }) => (uploadId && verdict === 'held' ? [uploadId] : [])),
  )
  return [
    ...candidates.map((candidate) => ({ ...candidate, shown: decided.has(candidate.uploadId ?? '') })),
    ...unfinished.filter(inFolder).map(candidateOf),
  ]
}

/** Whether a run that starts now by itself would find a file to import that is none of the uploads `tried` before. */
export async function hasFile(
  db: Database,
  files: FileArea,
  team: Team,
  now: Date,
  tried: readonly string[],
): Promise<boolean> {
  const settings = await currentSettings(db, team.id)
  const candidates = await listCandidates(db, files, team, settings.file.path, now)
  const { take } = selectFiles(candidates, settings, 'scheduled')
  return take.some(({ uploadId }) => uploadId === null || !tried.includes(uploadId))
}

async function* entriesOf(files: FileArea, folder: TeamPath): AsyncIterable<FileEntry> {
  try {
    yield* files.list(folder)
  } catch (error) {
    // The folder does not exist yet, so it is empty.
    if (!(error instanceof FileProblem && error.kind === 'not-found')) throw error
  }
}

async function fromElsewhere(db: Database, team: Team, entry: FileEntry, now: Date): Promise<Candidate[]> {
  const { identity, bytes, path } = entry
  if (now.getTime() - entry.changedAt.getTime() < SETTLED_MS)
    return [
      {
        name: entry.name,
        path,
        state: 'ready',
        uploadId: null,
        receivedAt: null,
        bytes,
        verdict: null,
        verdictReason: null,
        verdictSettingsVersion: null,
        shown: false,
      },
    ]
  // An upload that got its name in this moment: by the clock of the disk, which may not be ours, it can look old.
  const upload = await uploadOfFile(db, team.id, path, identity)
  if (upload) return upload.state === 'ready' ? [candidateOf(upload)] : []
  const file = { teamId: team.id, path, source: 'host' as const, account: null, bytes, sha256: null, identity }
  return [candidateOf(await fileArrived(db, file))]
}

function candidateOf(upload: Upload): Candidate {
  return {
    name: nameOf(upload.path),
    path: upload.path,
    state: upload.state,
    uploadId: upload.id,
    receivedAt: upload.receivedAt,
    bytes: upload.bytes,
    verdict: upload.verdict,
    verdictReason: upload.verdictReason,
    verdictSettingsVersion: upload.verdictSettingsVersion,
    shown: false,
  }
}

async function stands(files: FileArea, path: TeamPath): Promise<boolean> {
  return files.stat(path).then(
    () => true,
    () => false,
  )
}
