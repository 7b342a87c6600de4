import { createHash } from 'node:crypto'
import { lstat, open, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { digestOf } from './copy-file.ts'

/** A backup cannot be made, read or restored; the message says what to do. */
export class BackupProblem extends Error {
  override readonly name = 'BackupProblem'
}

/** In the folder of a backup: its list of contents, the tables, the files of DATA_DIR. */
export const CONTENTS = 'rosterport-backup.json'
export const TABLES = 'database'
export const FILES = 'data'
const FORMAT = 1

/** A path below DATA_DIR that leads nowhere else. */
const insidePath = z.string().refine((path) => path.split('/').every((name) => !['', '.', '..'].includes(name)))
const fileContent = { bytes: z.int().nonnegative(), sha256: z.string() }

const contents = z.object({
  madeAt: z.iso.datetime(),
  /** Names of the migrations that the tables are at. */
  migrations: z.array(z.string()).min(1),
  tables: z.array(
    z.object({
      name: z.string().regex(/^[a-z_]+$/),
      columns: z.array(z.string()).min(1),
      rows: z.int().nonnegative(),
      ...fileContent,
    }),
  ),
  /** The last number that each was given. */
  sequences: z.array(z.object({ table: z.string(), column: z.string(), last: z.string() })),
  folders: z.array(z.object({ path: insidePath, mode: z.int() })),
  files: z.array(z.object({ path: insidePath, mode: z.int(), modified: z.number(), ...fileContent })),
})
const envelope = z.object({ format: z.int(), sha256: z.string(), contents: z.string() })

export type Contents = z.infer<typeof contents>

/** Last of all, so that a backup that was cut has none. */
export async function writeContents(folder: string, written: Contents): Promise<void> {
  const text = JSON.stringify(written)
  const temporary = join(folder, `${CONTENTS}.part`)
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(JSON.stringify({ format: FORMAT, sha256: sha256Of(text), contents: text }))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, join(folder, CONTENTS))
}

/** What a backup holds, after every file of it was found to be as it was written. */
export async function readArchive(folder: string): Promise<Contents> {
  const read = await readContents(folder)
  for (const { name, ...content } of read.tables) await verify(folder, `${TABLES}/${name}.copy`, content)
  for (const { path, ...content } of read.files) await verify(folder, `${FILES}/${path}`, content)
  return read
}

async function readContents(folder: string): Promise<Contents> {
  const path = join(folder, CONTENTS)
  const text = await readFile(path, 'utf8').catch(async (cause: NodeJS.ErrnoException) => {
    if (!['ENOENT', 'ENOTDIR'].includes(cause.code ?? '')) throw cause
    const begun = await readdir(folder).then(
      (names) => names.includes(TABLES),
      () => false,
    )
    throw new BackupProblem(
      begun
        ? `The backup in ${folder} was cut before its end (it has no ${CONTENTS}): restore another one.`
        : `${folder} is no backup of Rosterport: it has no ${CONTENTS}.`,
      { cause },
    )
  })
  const outer = envelope.safeParse(jsonOf(text))
  if (outer.success && outer.data.format > FORMAT)
    throw new BackupProblem(`The backup in ${folder} was made by a newer program: restore it with that version.`)
  const inner = outer.success && sha256Of(outer.data.contents) === outer.data.sha256
  const read = contents.safeParse(inner ? jsonOf(outer.data.contents) : null)
  if (!read.success) throw damaged(folder, CONTENTS)
  return read.data
}

async function verify(folder: string, path: string, { bytes, sha256 }: { bytes: number; sha256: string }) {
  const disk = join(folder, path)
  const stats = await lstat(disk).catch(() => null)
  if (!stats) throw new BackupProblem(`The backup in ${folder} lacks ${path}: restore another one.`)
  if (!stats.isFile() || stats.size !== bytes || (await digestOf(disk)) !== sha256) throw damaged(folder, path)
}

function damaged(folder: string, path: string): BackupProblem {
  return new BackupProblem(`The backup in ${folder} is damaged: ${path} is not as it was written. Restore another one.`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
