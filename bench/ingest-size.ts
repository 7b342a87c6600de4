import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeContactFile } from './contact-file.ts'
import { importOnce, withImportDatabase } from './import-database.ts'

/** Each ten times the one before, up to what was asked for. */
const SIZES = [100_000, 1_000_000, 10_000_000]

/** Our imports alone as files grow: first imports and the same file again. One file of `gigabytes`, if given. */
export async function benchIngestSize(size: { records: number; gigabytes: number | null }): Promise<string> {
  const shapes =
    size.gigabytes === null
      ? SIZES.filter((records) => records <= size.records).map((records) => ({ records }))
      : [{ bytes: size.gigabytes * 1e9 }]
  return withImportDatabase(async (database) => {
    const path = join(database.folder, 'file.csv')
    const rows = [
      '| records | MB | import | s | s per million records | records/s | CPU s per million | peak memory by quarter of the file, MB | in all, MB |',
      '|---|---|---|---|---|---|---|---|---|',
    ]
    for (const shape of shapes) {
      const records = await writeContactFile(path, shape)
      const { size: bytes } = await stat(path)
      for (const fresh of [true, false]) {
        const { seconds, cpu, quarters, megabytes, counts } = await importOnce(database, 'file.csv', fresh)
        if (counts.records !== records) throw new Error(`${counts.records} of ${records} records were read`)
        const millions = records / 1e6
        rows.push(
          `| ${[
            records.toLocaleString('en-US'),
            Math.round(bytes / 1e6),
            fresh ? 'first' : 'again',
            seconds.toFixed(1),
            (seconds / millions).toFixed(1),
            Math.round(records / seconds).toLocaleString('en-US'),
            (cpu / millions).toFixed(1),
            quarters.join(', '),
            megabytes,
          ].join(' | ')} |`,
        )
      }
      await rm(path)
    }
    return `${rows.join('\n')}\n`
  })
}
