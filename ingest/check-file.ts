import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import type { FileArea, OpenFile } from '../files/file-area.ts'
import type { ErrorKind, FileCheck } from '../model/check.ts'
import type { ImportSettings, OptOutSettings } from '../model/import-settings.ts'
import { type BatchProgress, importedRecords, NO_CHANGES, NO_COUNTS } from '../model/run.ts'
import type { Team } from '../model/team.ts'
import type { TeamPath } from '../model/team-path.ts'
import { errorKinds } from '../store/contacts/error-kinds.ts'
import { learnSize } from '../store/contacts/planning/statistics.ts'
import { type Database, inTransaction } from '../store/postgres/database.ts'
import { currentSettings } from '../store/settings.ts'
import { type BatchOptions, type BatchResult, importBatch } from './batch.ts'
import { batchFindings } from './batch-findings.ts'
import type { ImportParts } from './import-file.ts'
import type { GivenFile } from './manual-import.ts'
import { BatchProblem } from './records/batch-problem.ts'
import { optOutReader } from './records/opt-out.ts'

/** Up to this size the values of every record are counted. */
const COUNTED_WHOLE_BYTES = 100 * 1024 * 1024

export interface CheckWork {
  team: Team
  settings: ImportSettings
  signal: AbortSignal
  progress?: (progress: BatchProgress) => void
}

export interface CheckOptions extends Pick<BatchOptions, 'recordsPerChunk' | 'worthAThread' | 'keptErrors'> {
  countedWholeBytes?: number
}

/** Called with the very file that is checked before it is read; where it rejects, nothing is. */
export type OpenedFile = (file: OpenFile) => Promise<void>

/** Checks a file of a team or of a Manual Import, with the saved settings or with `settings`; ends when `signal` is aborted. */
export type CheckStoredFile = (
  team: Team,
  file: TeamPath | GivenFile,
  work: {
    signal: AbortSignal
    progress: (progress: BatchProgress) => void
    settings?: ImportSettings
    opened?: OpenedFile
  },
) => Promise<FileCheck>

/** Checks a file of the root, or one given by hand, against the current settings or the given ones. */
export async function checkStoredFile(
  { db, pool }: Pick<ImportParts, 'db' | 'pool'>,
  files: FileArea,
  team: Team,
  file: TeamPath | GivenFile,
  { opened, ...work }: Pick<CheckWork, 'signal' | 'progress'> & { settings?: ImportSettings; opened?: OpenedFile },
): Promise<FileCheck> {
  const settings = work.settings ?? (await currentSettings(db, team.id))
  const given = typeof file === 'string' ? null : file
  const content = await (given ? files.openPending(given.temporaryName) : files.open(file as TeamPath))
  try {
    await opened?.(content)
    const check = await checkFile(pool, content, { ...work, team, settings })
    return given ? { ...check, fileName: given.fileName } : check
  } finally {
    await content.close()
  }
}

/**
 * What an import of `content` would do, found out by the very steps of an import in a transaction that is rolled back.
 * No contact is touched or locked meanwhile. Aborting `signal` ends it.
 */
export async function checkFile(
  pool: pg.Pool,
  content: OpenFile,
  { team, settings, signal, progress = () => {} }: CheckWork,
  { countedWholeBytes = COUNTED_WHOLE_BYTES, ...options }: CheckOptions = {},
): Promise<FileCheck> {
  const { path, name, bytes } = content.entry
  const each = Math.max(1, Math.ceil(bytes / countedWholeBytes))
  const nothing: FileCheck = {
    path,
    fileName: name,
    bytes,
    settingsVersion: settings.version,
    problem: null,
    sha256: null,
    counts: { ...NO_COUNTS, imported: 0 },
    warnings: {},
    changes: NO_CHANGES,
    guardrails: { findings: [], held: false },
    samples: [],
    errors: [],
    columns: [],
    optOutValues: null,
    otherOptOutValues: 0,
    counted: { records: 0, each },
  }
  const batch = { id: randomUUID() }
  const work = { batch, team, settings, signal, progress }
  const dryRun = async (client: pg.PoolClient, tx: Database): Promise<FileCheck> => {
    const result = await importBatch(client, tx, content, work, { ...options, dryRun: true, factsOfEach: each })
    const errors = await errorKinds(client, batch.id, result.errors.counts)
    const findings = await batchFindings(tx, work, result)
    const guardrails = { findings, held: findings.length > 0 && settings.guardrails === 'hold' }
    return { ...nothing, ...shown(result, settings, errors, each), errors, guardrails }
  }
  try {
    await learnSize(pool)
    return await inTransaction(pool, dryRun, signal, 'rollback')
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof BatchProblem)) throw error
    return { ...nothing, problem: { code: error.code, message: error.message } }
  }
}

type Shown = Omit<FileCheck, 'path' | 'fileName' | 'bytes' | 'settingsVersion' | 'problem' | 'errors' | 'guardrails'>

function shown(result: BatchResult, { optOut }: ImportSettings, errors: readonly ErrorKind[], each: number): Shown {
  const { facts, counts, warnings, changes, samples, columns } = result
  const header = facts.header ?? []
  return {
    sha256: facts.sha256,
    counts: { ...counts, imported: importedRecords(counts) },
    warnings,
    changes,
    samples,
    columns: (columns?.columns ?? []).map(({ column, ...rest }) => ({
      ...rest,
      column: header[column] ?? '',
      invalid: invalidValues(errors, rest.field),
    })),
    optOutValues:
      optOut && columns
        ? columns.optOutValues.map((found) => ({ ...found, means: meaning(found.value, optOut) }))
        : null,
    otherOptOutValues: columns?.otherOptOutValues ?? 0,
    counted: { records: columns?.records ?? 0, each },
  }
}

/** A value is refused for one reason at a time. */
function invalidValues(errors: readonly ErrorKind[], field: string): number {
  return errors.reduce((sum, kind) => sum + (kind.field === field ? kind.records : 0), 0)
}

type Meaning = NonNullable<FileCheck['optOutValues']>[number]['means']

function meaning(value: string, optOut: OptOutSettings): Meaning {
  const preference = optOutReader(optOut)(value)
  return preference.ok ? (preference.state ?? 'empty') : 'not_recognised'
}
