import type { OpenFile } from '../../files/file-area.ts'
import type { Team } from '../../model/team.ts'
import type { TeamPath } from '../../model/team-path.ts'
import { isMatching } from '../../model/which-file.ts'
import type { Database } from '../../store/postgres/database.ts'
import { currentSettings } from '../../store/settings.ts'
import type { FileContent } from '../formats/content.ts'
import { FormSurvey } from '../formats/form-survey.ts'
import type { FormDamage, FramerSink } from '../formats/framer.ts'
import { FileScan, type FileSettings } from '../formats/survey.ts'
import { BatchProblem } from '../records/batch-problem.ts'

/** An unconfirmed upload may take its name if no run would take it or its last record is whole. */
export async function mayTakeName(db: Database, team: Team, path: TeamPath, file: OpenFile): Promise<boolean> {
  const settings = await currentSettings(db, team.id)
  if (!isMatching(path, settings.file)) return true
  return endsWithWholeRecord({ bytes: file.entry.bytes, read: (start) => file.read(start) }, settings.file)
}

/** Whole: quotes closed, and as many values as the header. A header alone must end its line. */
export async function endsWithWholeRecord(content: FileContent, file: FileSettings): Promise<boolean> {
  const last = new LastRecord(file)
  const scan = new FileScan(file, last)
  let end = 0
  try {
    for await (const chunk of content.read()) {
      scan.push(chunk)
      for (const byte of chunk.subarray(-2)) if (byte !== 0) end = byte
    }
    scan.finish()
  } catch (error) {
    if (error instanceof BatchProblem) return false
    throw error
  }
  return last.isWhole({ lineEnded: end === 0x0a || end === 0x0d })
}

class LastRecord implements FramerSink {
  readonly #form: FormSurvey
  #header = 0
  #values = 0
  #unclosed = false

  constructor({ delimiter }: FileSettings) {
    this.#form = new FormSurvey(delimiter)
  }

  isWhole({ lineEnded }: { lineEnded: boolean }): boolean {
    if (this.#header === 0 || this.#unclosed) return false
    if (this.#form.records === 0) return lineEnded
    return this.#values === this.#header + (this.#form.trailingEmptyValue ? 1 : 0)
  }

  record(...given: Parameters<FramerSink['record']>): void {
    const [, , , , values] = given
    if (this.#form.header === null) this.#header = values
    this.#values = values
    this.#form.record(...given)
  }

  damaged(...given: Parameters<FramerSink['damaged']>): void {
    const damage: FormDamage = given[0]
    // Reading resumes below the line with the quote, so what follows is not a separate record.
    if (damage === 'unclosed_quote') this.#unclosed = true
    this.#values = 0
    this.#form.damaged(...given)
  }
}
