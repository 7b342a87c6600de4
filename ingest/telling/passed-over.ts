import type { Batch, Run } from '../../model/run.ts'

/** The batches of newer files that could not be read, so that the run took the file of this one. */
export function passedOver({ batches, files }: Pick<Run, 'batches' | 'files'>, batch: Batch): Batch[] {
  const before = batches.slice(
    0,
    batches.findIndex(({ id }) => id === batch.id),
  )
  const named = new Set(files.flatMap(({ path, verdict }) => (verdict === 'rejected' ? [path] : [])))
  return before.filter(({ state, path }) => state === 'rejected' && named.has(path))
}
