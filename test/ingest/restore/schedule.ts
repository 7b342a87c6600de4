import { rm } from 'node:fs/promises'
import fc from 'fast-check'
import { vi } from 'vitest'
import { discardHeld, importAnyway } from '../../../ingest/decisions.ts'
import { teamPath } from '../../../model/team-path.ts'
import type { DatabasePool } from '../../../store/postgres/database.ts'
import { removeUpload, renameUpload } from '../../../store/uploads/arrived-files.ts'
import { Judge } from './judge.ts'
import { ASKER, type Copy, type Crash, Root, rosterOf } from './root.ts'

const NAMES = ['a.csv', 'b.csv', 'c.csv'] as const
const COPIES: readonly Copy[] = ['cp -a', 'tar', 'plain']
/** There is something to lose by then. */
const FIRST_BACKUP = 2
const CRASHES: readonly Crash[] = ['before', 'halfway', 'after']
const AFTER_IMPORTS = {
  move: { action: 'move', path: teamPath('/archive') },
  delete: { action: 'delete' },
  // There is a file in the place of the folder.
  blocked: { action: 'move', path: teamPath('/blocked/archive') },
} as const

const at = fc.nat(1)
const name = fc.constantFrom(...NAMES)
/** Which of those that there are. */
const pick = fc.nat(9)

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('upload' as const), name, at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('upload again' as const), pick, at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('upload without a header' as const), name, at }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('upload unconfirmed' as const), name, at }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('copy in' as const), name }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('run' as const), at }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('run and die' as const),
      ...{ at, crash: fc.constantFrom(...CRASHES), how: fc.option(fc.constantFrom(...COPIES)) },
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('approve' as const, 'discard' as const), pick, at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('import anyway' as const), pick, at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('undo' as const), pick, at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), pick, at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rename' as const), pick, name, at }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('look' as const), at }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('back up' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('restore now' as const, 'restore the backup' as const),
      ...{ how: fc.constantFrom(...COPIES), restarted: fc.boolean(), lookedMeanwhile: fc.boolean(), at },
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

export const schedule = fc.record({
  select: fc.constantFrom('most_recent' as const, 'all_matching' as const),
  afterImport: fc.constantFrom('move' as const, 'delete' as const, 'blocked' as const),
  steps: fc.array(step, { minLength: 5, maxLength: 14 }),
  /** How the last backup is restored at the end. */
  lastRestore: fc.constantFrom(...COPIES),
})
export type Schedule = typeof schedule extends fc.Arbitrary<infer S> ? S : never

/** Plays a schedule on a team of its own; rejects where a promise is broken. */
export async function playSchedule(
  base: string,
  pools: readonly DatabasePool[],
  { select, afterImport, steps, lastRestore }: Schedule,
): Promise<void> {
  const root = await Root.make(base, pools, { select, afterImport: AFTER_IMPORTS[afterImport] })
  try {
    if (afterImport === 'blocked') await root.block()
    const player = new Player(root)
    for (const [number, each] of steps.entries()) {
      await player.play(each)
      if (number === FIRST_BACKUP) await player.play({ do: 'back up' })
      await player.judge.check()
    }
    await player.end(lastRestore)
  } finally {
    await root.remove()
  }
}

class Player {
  readonly judge: Judge
  readonly #root: Root
  #versions = 0
  #backup: string | null = null

  constructor(root: Root) {
    this.#root = root
    this.judge = new Judge(root)
  }

  async play(step: Step): Promise<void> {
    const root = this.#root
    switch (step.do) {
      case 'upload':
        return this.#upload(step.name, rosterOf(++this.#versions), step.at)
      case 'upload again': {
        const { upload, content } = this.judge.uploaded(step.pick) ?? {}
        if (upload && content) await this.#upload(upload, content, step.at)
        return
      }
      case 'upload without a header':
        return this.#upload(step.name, rosterOf(++this.#versions).replace('ID', 'XX'), step.at)
      case 'upload unconfirmed':
        return this.#upload(step.name, `${rosterOf(++this.#versions)}cut`, step.at, false)
      case 'copy in': {
        const content = rosterOf(++this.#versions)
        this.judge.copied(content)
        return root.copyIn(step.name, content)
      }
      case 'run':
        await root.run(step.at)
        return
      case 'run and die': {
        const { how } = step
        await root.run(step.at, step.crash, async () => how && root.restore(await root.backUp(), how))
        return
      }
      case 'approve':
      case 'discard':
        return this.#decide(step.do, step.pick, step.at)
      case 'import anyway':
        return this.#importAnyway(step.pick, step.at)
      case 'undo':
        return this.#undo(step.pick, step.at)
      case 'delete': {
        const path = await this.#standing(step.pick, step.at)
        if (path) await removeUpload(root.db, root.team.id, path, () => root.area(step.at).remove(path))
        return
      }
      case 'rename': {
        const from = await this.#standing(step.pick, step.at)
        const to = root.pathOf(step.name)
        if (!from || from === to) return
        this.judge.renamed()
        const move = () => root.area(step.at).move(from, to, { replace: true })
        await renameUpload(root.db, root.team.id, { from, to }, move)
        return
      }
      case 'look':
        await root.look(step.at)
        return
      case 'back up':
        await this.#backUp()
        return
      case 'restore now':
      case 'restore the backup':
        return this.#restore(step)
    }
  }

  /** Whatever still waits is imported, also of what the last backup brings back, and nothing comes after it. */
  async end(how: Copy): Promise<void> {
    const root = this.#root
    await root.restart()
    await root.run()
    await this.#restore({ do: 'restore the backup', how, restarted: true, lookedMeanwhile: false, at: 1 })
    for (const at of [0, 1, 0, 1]) {
      await root.run(at)
      await this.judge.check()
    }
    const before = (await root.batches()).length
    await this.judge.nothingWaits()
    await root.look(1)
    if ((await root.batches()).length !== before) throw new Error('something was imported without a run')
  }

  async #upload(name: string, content: string, at: number, confirmed = true): Promise<void> {
    this.judge.sent(await this.#root.upload(name, content, { at, confirmed }), name, content)
  }

  async #standing(pick: number, at: number) {
    const root = this.#root
    // A client sees what is there; the ledger knows of it.
    const present = (await root.look(at)).filter((file) => file.uploadId !== null && file.temporaryName === null)
    return present[pick % present.length]?.path
  }

  async #decide(how: 'approve' | 'discard', pick: number, at: number): Promise<void> {
    const root = this.#root
    const { area, pool } = root.process(at)
    const held = (await root.batches()).filter(({ state, decision }) => state === 'held' && decision === null)
    const batch = held[pick % held.length]
    if (!batch) return
    if (how === 'discard') {
      await discardHeld(pool.db, { team: root.team, files: area }, batch.id, ASKER)
      return
    }
    const approved = await root.approve(batch.id, at)
    if (!('runId' in approved)) return
    this.judge.asked(batch.upload_id)
    await root.ended(approved.runId)
  }

  async #importAnyway(pick: number, at: number): Promise<void> {
    const root = this.#root
    const { queue, area, pool } = root.process(at)
    const path = await this.#standing(pick, at)
    if (!path) return
    const started = await importAnyway(pool.db, queue, { team: root.team, files: area }, path, ASKER)
    if (!('runId' in started)) return
    const [batch] = (await root.batches()).slice(-1)
    this.judge.asked(batch?.upload_id ?? null)
    await root.ended(started.runId)
  }

  async #undo(pick: number, at: number): Promise<void> {
    const root = this.#root
    const imported = (await root.batches()).filter(({ state, undone }) => state === 'imported' && !undone)
    const batch = imported[pick % imported.length]
    if (!batch) return
    const actor = { kind: 'system', name: ASKER, address: null } as never
    const asked = await root.process(at).queue.undo(root.team, batch.id, { email: ASKER, actor })
    if (!asked.ok) return
    await vi.waitFor(
      async () => {
        const now = (await root.batches()).find(({ id }) => id === batch.id)
        if (!now?.undone && !now?.undo_request?.failed) throw new Error('it is being undone')
      },
      { timeout: 20_000, interval: 5 },
    )
  }

  async #backUp(): Promise<void> {
    if (this.#backup) await rm(this.#backup, { recursive: true })
    this.#backup = await this.#root.backUp()
  }

  async #restore(step: Step & { do: 'restore now' | 'restore the backup' }): Promise<void> {
    const root = this.#root
    const { at, restarted, lookedMeanwhile } = step
    const old = step.do === 'restore the backup' ? this.#backup : null
    // What the host delivered and an import has taken away cannot be told from the same delivery of a later day.
    const how = old && step.how === 'plain' && this.judge.anyCopied ? 'cp -a' : step.how
    await root.look(at)
    const before = await root.present()
    const between = async () => lookedMeanwhile && root.look(at)
    const put = async () => root.restore(old ?? (await root.backUp()), how, between)
    if (restarted) await root.restart(put)
    else await put()
    if (!old) {
      await root.look(1 - at, 0)
      await this.judge.sameVerdicts(before)
    }
  }
}
