import { setImmediate } from 'node:timers/promises'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Figures } from '../../store/metric-figures.ts'

/** Each has a value for every team from the start, so that an alert can be written before the first event. */
const ENDS = ['imported', 'imported_with_errors', 'rejected', 'failed', 'held', 'aborted', 'undone']

const TEAMS_AT_A_TIME = 50

/** What an operator watches team by team, and the outbox. */
export class TeamMetrics {
  readonly #imports
  readonly #files
  readonly #missed
  readonly #oldestMail

  constructor(registers: Registry[]) {
    this.#imports = new Gauge({
      name: 'rosterport_imports',
      help: 'Batches of a team by state',
      labelNames: ['team', 'state'],
      registers,
    })
    this.#files = new Gauge({
      name: 'rosterport_files',
      help: 'Files of a team that wait to be imported, and imports that are held and undecided',
      labelNames: ['team', 'state'],
      registers,
    })
    this.#missed = new Counter({
      name: 'rosterport_windows_missed_total',
      help: 'Daily windows of a team in which the service was down from start to end',
      labelNames: ['team'],
      registers,
    })
    this.#oldestMail = new Gauge({
      name: 'rosterport_oldest_mail_age_seconds',
      help: 'Age of the oldest mail or event in the outbox; 0 without any',
      registers,
    })
  }

  /** In pieces: an installation may have thousands of teams. */
  async take({
    teams,
    imports,
    oldestMailSeconds,
  }: Pick<Figures, 'teams' | 'imports' | 'oldestMailSeconds'>): Promise<void> {
    for (const metric of [this.#imports, this.#files, this.#missed]) metric.reset()
    for (const [index, { team, waiting, held, missed }] of teams.entries()) {
      if (index % TEAMS_AT_A_TIME === 0) await setImmediate()
      for (const state of ENDS) this.#imports.set({ team, state }, 0)
      this.#files.set({ team, state: 'waiting' }, waiting)
      this.#files.set({ team, state: 'held' }, held)
      this.#missed.inc({ team }, missed)
    }
    for (const { team, state, count } of imports) this.#imports.set({ team, state }, count)
    this.#oldestMail.set(oldestMailSeconds)
  }
}
