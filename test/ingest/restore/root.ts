import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, link, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { vi } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import type { FileArea } from '../../../files/file-area.ts'
import { Leftovers } from '../../../files/leftovers.ts'
import { checkStoredFile } from '../../../ingest/check-file.ts'
import { listCandidates } from '../../../ingest/choosing/list-candidates.ts'
import { approveHeld, type CheckHeldFile } from '../../../ingest/decisions.ts'
import { mayTakeName } from '../../../ingest/reading/last-record.ts'
import { RunQueue } from '../../../ingest/run-queue.ts'
import { createLog } from '../../../log.ts'
import type { ImportSettings } from '../../../model/import-settings.ts'
import { isFinished } from '../../../model/run.ts'
import type { Team } from '../../../model/team.ts'
import { HIDDEN_FOLDER, type TeamPath, teamPath } from '../../../model/team-path.ts'
import { ReadyUploads } from '../../../server/uploads/ready-uploads.ts'
import { UploadRecovery } from '../../../server/uploads/recover-uploads.ts'
import type { DatabasePool } from '../../../store/postgres/database.ts'
import { LeaseLost } from '../../../store/runs/runs.ts'
import { saveSettings } from '../../../store/settings.ts'
import { teamById } from '../../../store/teams.ts'
import { presentUploads } from '../../../store/uploads/find-uploads.ts'
import { uploadUnconfirmed } from '../../../store/uploads/received-bytes.ts'
import { insertTeam } from '../../support/batches.ts'
import { settingsOf } from '../../support/reading.ts'
import { overlaid, secondMount } from './second-mount.ts'

export const ASKER = 'dana@example.edu'
const log = createLog('silent')

/** `plain`: as rsync without -t does it, each file gets the time of the copy. */
export type Copy = 'cp -a' | 'tar' | 'plain'
/** Where a process dies that moves or deletes an imported file. */
export type Crash = 'before' | 'halfway' | 'after'

/** A file of one contact; all of them are of one size. */
export const rosterOf = (version: number) =>
  `ID,First,Last,Mobile\n1,Ann,V${String(version).padStart(5, '0')},716-555-0101\n`

/** A process of the service: its connections to the database, and its mount of the folder. */
interface Process {
  pool: DatabasePool
  area: FileArea
  queue: RunQueue
}

/** The root of one team, with processes on two mounts of it. */
export class Root {
  readonly folder: string
  readonly team: Team
  readonly settings: ImportSettings
  readonly processes: Process[]
  #crash: Crash | null = null
  readonly #base: string

  private constructor(base: string, team: Team, settings: ImportSettings, pools: readonly DatabasePool[]) {
    this.#base = base
    this.folder = join(base, 'root')
    this.team = team
    this.settings = settings
    this.processes = pools.map((pool, at) => this.#launch(pool, at))
  }

  static async make(
    base: string,
    pools: readonly DatabasePool[],
    file: Partial<ImportSettings['file']> = {},
  ): Promise<Root> {
    const [first] = pools as [DatabasePool]
    const team = (await teamById(first.db, await insertTeam(first))) as Team
    const settings = settingsOf({ file, guardrails: 'off' })
    await saveSettings(first.db, team.id, 0, settings, ASKER)
    const root = new Root(await mkdtemp(join(base, 'team-')), team, settings, pools)
    await root.area().makeFolder(settings.file.path)
    return root
  }

  /** Approves a held batch with the figures that it has. */
  approve(batchId: string, at = 0) {
    const { queue, area, pool } = this.process(at)
    const check = (file: Parameters<CheckHeldFile>[0]) =>
      checkStoredFile(pool, area, this.team, file, { signal: new AbortController().signal, progress: () => {} })
    return approveHeld({ db: pool.db, importer: queue, files: area, check }, this.team, batchId, { by: ASKER })
  }

  get db() {
    return this.process().pool.db
  }

  process(at = 0): Process {
    return this.processes[at % this.processes.length] as Process
  }

  area(at = 0): FileArea {
    return this.process(at).area
  }

  pathOf(name: string): TeamPath {
    return teamPath(`${this.settings.file.path}/${name}`)
  }

  diskOf(name: string): string {
    return join(this.folder, this.pathOf(name))
  }

  /** Uploads as an endpoint does. With `confirmed: false` the process dies before it is certain that the file is whole. */
  async upload(name: string, content: string, { at = 0, confirmed = true } = {}): Promise<string> {
    const { db } = this.process(at).pool
    const area = this.area(at)
    const pending = await area.receive()
    await pending.write(Buffer.from(content))
    const identity = await pending.seal()
    const { temporaryName, bytes } = pending
    const upload = { id: randomUUID(), teamId: this.team.id, path: this.pathOf(name), account: 'sis' }
    const entry = { ...upload, source: 'ftp' as const, address: null, temporaryName }
    await uploadUnconfirmed(db, entry, { bytes, sha256: sha256Of(content), identity, receivedAt: new Date() })
    if (confirmed) {
      await area.makeFolder(this.settings.file.path)
      await pending.publish(upload.path)
      await new ReadyUploads(db).enter(area, { ...upload, identity })
    } else {
      await db.updateTable('upload').set({ process: null }).where('id', '=', upload.id).execute()
      await this.recover(at)
    }
    return upload.id
  }

  async recover(at = 0): Promise<void> {
    const { db, processName } = this.process(at).pool
    await new UploadRecovery({
      ...{
        db,
        processName,
        leftovers: new Leftovers(),
        log,
        mayTakeName: (team, path, file) => mayTakeName(db, team, path, file),
      },
      fileAreaOf: ({ id }) => (id === this.team.id ? this.area(at) : diskFileArea(join(this.#base, 'others'))),
    }).look()
  }

  /** Puts a file where the archive would have its folder. */
  block(): Promise<void> {
    return writeFile(join(this.folder, 'blocked'), '')
  }

  async copyIn(name: string, content: string): Promise<void> {
    await mkdir(join(this.folder, this.settings.file.path), { recursive: true })
    await writeFile(`${this.diskOf(name)}.new`, content)
    await rename(`${this.diskOf(name)}.new`, this.diskOf(name))
  }

  /** Looks at the File Path, a minute later by default, when what was copied in has settled. */
  look(at = 0, seconds = 61) {
    const now = new Date(Date.now() + seconds * 1000)
    return listCandidates(this.process(at).pool.db, this.area(at), this.team, this.settings.file, now)
  }

  /** Presses Run Import; with `crash` the process dies once it has imported a file, and another one goes on. */
  async run(at = 0, crash: Crash | null = null, meanwhile: () => Promise<unknown> = async () => {}): Promise<string> {
    this.#crash = crash
    const { runId } = await this.process(at).queue.start(this.team, ASKER)
    await vi.waitFor(async () => {
      if (!(await this.isEnded(runId)) && (crash === null || this.#crash !== null)) throw new Error('it is going')
    }, WAIT)
    if (!(await this.isEnded(runId))) {
      await this.restart(meanwhile)
      await this.ended(runId)
    }
    this.#crash = null
    return runId
  }

  ended(runId: string): Promise<void> {
    return vi.waitFor(async () => {
      if (!(await this.isEnded(runId))) throw new Error('it is going')
    }, WAIT)
  }

  async isEnded(runId: string): Promise<boolean> {
    const run = await this.db.selectFrom('run').select('state').where('id', '=', runId).executeTakeFirstOrThrow()
    return isFinished(run.state)
  }

  /** Stops the processes, and starts others on what `meanwhile` leaves of the folder. */
  async restart(meanwhile: () => Promise<unknown> = async () => {}): Promise<void> {
    await this.stop()
    await meanwhile()
    for (const [at, { pool }] of this.processes.entries()) {
      this.processes[at] = this.#launch(pool, at)
      this.process(at).queue.open()
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map(({ queue }) => queue.stop()))
  }

  async remove(): Promise<void> {
    await this.stop()
    await rm(this.#base, { recursive: true, force: true })
  }

  /** A copy of the folder as it is now. */
  async backUp(): Promise<string> {
    const backup = join(this.#base, `backup-${randomUUID()}`)
    await cp(this.folder, backup, { recursive: true, preserveTimestamps: true })
    return backup
  }

  /** Puts a copy of `backup` in the place of the folder; `between` happens while nothing is there. */
  async restore(backup: string, how: Copy, between: () => Promise<unknown> = async () => {}): Promise<void> {
    const kept = join(this.#base, `kept-${randomUUID()}`)
    // Kept until the copy is there: so no file gets the inode that it had.
    await rename(this.folder, kept)
    await between()
    await rm(this.folder, { recursive: true, force: true })
    await copyFolder(backup, this.folder, how)
    await rm(kept, { recursive: true })
  }

  /** Every ready upload by its id. */
  async uploads() {
    return this.db
      .selectFrom('upload')
      .selectAll()
      .where('team_id', '=', this.team.id)
      .where('state', '=', 'ready')
      .orderBy('received_at')
      .execute()
  }

  /** What the ledger says of the files that stand in the root. */
  async present() {
    return (await presentUploads(this.db, this.team.id)).map(({ id, path, verdict, verdictReason, receivedAt }) => ({
      ...{ id, path, verdict, verdictReason, receivedAt },
    }))
  }

  async batches() {
    return this.db
      .selectFrom('batch')
      .innerJoin('run', 'run.id', 'batch.run_id')
      .select(['batch.id', 'upload_id', 'batch.state', 'decision', 'approved_by', 'batch.received_at', 'batch.sha256'])
      .select(['run.files', 'undone', 'undo_request', 'after_path', 'after_state'])
      .where('batch.team_id', '=', this.team.id)
      .orderBy('run.number')
      .orderBy('ordinal')
      .execute()
  }

  /** The version that the contact was last given. */
  async version(): Promise<number | null> {
    const contact = await this.db
      .selectFrom('contact')
      .select('last_name')
      .where('team_id', '=', this.team.id)
      .executeTakeFirst()
    return contact ? Number(contact.last_name.slice(1)) : null
  }

  #launch(pool: DatabasePool, at: number): Process {
    const disk = this.#mortal(diskFileArea(this.folder))
    const area = at === 0 ? disk : secondMount(disk)
    const { db, processName } = pool
    const queue = new RunQueue({
      ...{ db, pool: pool.pool, log, owner: processName, signals: { subscribe: () => () => {} } },
      now: () => new Date(Date.now() + 61_000),
      ...{ fileAreaOf: () => area, room: { look: async () => true }, runEnded: () => {}, atOnce: 1 },
    })
    return { pool, area, queue }
  }

  /** An area whose process may die at its work. */
  #mortal(area: FileArea): FileArea {
    const dying = async (halfway: () => Promise<unknown>, whole: () => Promise<void>) => {
      const crash = this.#crash
      this.#crash = null
      if (crash === null) return whole()
      if (crash === 'halfway') await halfway()
      if (crash === 'after') await whole()
      throw new LeaseLost('the process died')
    }
    const disk = (path: TeamPath) => join(this.folder, path)
    const hide = async (path: TeamPath, { device, inode }: { device: bigint; inode: bigint }) => {
      const name = createHash('sha256').update(`${device} ${inode}`).digest('hex').slice(0, 32)
      if (existsSync(disk(path))) await rename(disk(path), join(this.folder, HIDDEN_FOLDER, name))
    }
    return overlaid(area, {
      moveThis: (from, identity, to) =>
        dying(
          () => link(disk(from), disk(to)),
          () => area.moveThis(from, identity, to),
        ),
      removeThis: (path, identity, sha256) =>
        dying(
          () => hide(path, identity),
          () => area.removeThis(path, identity, sha256),
        ),
    })
  }
}

const WAIT = { timeout: 20_000, interval: 5 }

async function copyFolder(from: string, to: string, how: Copy): Promise<void> {
  if (how === 'tar') {
    await mkdir(to)
    execFileSync('sh', ['-c', 'tar -C "$1" -cf - . | tar -C "$2" -xf -', 'sh', from, to])
  } else if (how === 'cp -a') execFileSync('cp', ['-a', from, to])
  else await cp(from, to, { recursive: true, preserveTimestamps: false })
}

export function sha256Of(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}
