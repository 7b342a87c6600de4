import { type CheckStoredFile, checkStoredFile } from '../ingest/check-file.ts'
import { CheckTurns, TooManyChecks } from '../ingest/check-turns.ts'
import { checkLines } from '../ingest/telling/check-lines.ts'
import { unmappedFields } from '../model/import-settings.ts'
import type { BatchProgress } from '../model/run.ts'
import { FtpRefusal } from '../server/ftp/control/ftp-replies.ts'
import type { FtpOptions } from '../server/ftp/ftp-options.ts'
import { currentSettings } from '../store/settings.ts'
import { CHECKS_AT_ONCE, type ServiceDatabase } from './database.ts'
import type { FileAreaOf } from './team-files.ts'

/** How long a dry run waits for others to end. */
const CHECK_PATIENCE_MS = 30_000

export interface CheckParts extends Pick<ServiceDatabase, 'db' | 'checkPool'> {
  fileAreaOf: FileAreaOf
}

/** Dry runs for the pages, the API and SITE CHECK, which wait for each other. */
export function prepareChecks({ db, checkPool, fileAreaOf }: CheckParts): CheckStoredFile {
  const turns = new CheckTurns({ atOnce: CHECKS_AT_ONCE, waitingPerTeam: 5, patienceMilliseconds: CHECK_PATIENCE_MS })
  return (team, file, work) =>
    turns.take(team.id, work.signal, () => checkStoredFile({ db, pool: checkPool }, fileAreaOf(team), team, file, work))
}

/** The same for SITE CHECK. */
export function checkForFtp(
  { db }: Pick<CheckParts, 'db'>,
  check: CheckStoredFile,
): NonNullable<FtpOptions['checkFile']> {
  return async (team, path, { signal, progress, opened }) => {
    if (unmappedFields(await currentSettings(db, team.id)).length > 0)
      throw new FtpRefusal(450, 'The import of this team is not set up yet.')
    try {
      const told = ({ bytesRead, bytes }: BatchProgress) => progress(bytes === 0 ? 100 : (100 * bytesRead) / bytes)
      return checkLines(await check(team, path, { signal, progress: told, opened }))
    } catch (error) {
      if (error instanceof TooManyChecks) throw new FtpRefusal(450, error.message)
      throw error
    }
  }
}
