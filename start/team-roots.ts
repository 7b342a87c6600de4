import { join } from 'node:path'
import { setAside } from '../files/set-aside.ts'
import { MARK, type RootOwner, RootProblem, TeamRoot } from '../files/team-root.ts'
import type { Log } from '../log.ts'
import type { Team } from '../model/team.ts'
import type { Database } from '../store/postgres/database.ts'
import { allTeams, teamById } from '../store/teams.ts'

/** A mark is one short line; what stands there may be anything. */
const SHOWN_MARK = 60

/** Binds the folder of each team to the team itself: its short name may be given to another one later. */
export class TeamRoots {
  readonly #db: Database
  readonly #folder: string
  readonly #log: Log
  readonly #told = new Set<string>()

  constructor({ db, teamsFolder, log }: { db: Database; teamsFolder: string; log: Log }) {
    this.#db = db
    this.#folder = teamsFolder
    this.#log = log
  }

  folderOf(team: Team): string {
    return join(this.#folder, team.team)
  }

  ownerOf(team: Team): RootOwner {
    return {
      mark: markOf(team),
      exists: () => this.#exists(team),
      refused: (mark) => void this.#tell(team, mark),
    }
  }

  /** Marks the folders that have no mark: before anything listens, so that no one waits for it. */
  async open(): Promise<void> {
    for (const team of await allTeams(this.#db))
      try {
        await this.#rootOf(team).enter()
      } catch (error) {
        // The folder of one team must not keep the service from the others.
        if (!(error instanceof RootProblem))
          this.#log.warn({ err: error, team: team.team }, 'the folder of a team cannot be used')
      }
  }

  /** An empty folder for a new team; the files of a former one of its name are set aside. */
  async make(team: Team, now: Date): Promise<void> {
    await setAside(this.folderOf(team), now)
    await this.#rootOf(team).claim()
  }

  /** For a team that is removed. Another may have got the name, and a folder, already. */
  async setAside(team: Team, now: Date): Promise<void> {
    if (!this.#rootOf(team).isOthers) await setAside(this.folderOf(team), now)
  }

  #rootOf(team: Team): TeamRoot {
    return new TeamRoot(this.folderOf(team), this.ownerOf(team))
  }

  async #exists(team: Team): Promise<boolean> {
    const there = await teamById(this.#db, team.id)
    return there !== null && markOf(there) === markOf(team)
  }

  /** Once for each mark: every operation is refused. */
  async #tell(team: Team, found: string): Promise<void> {
    const folder = this.folderOf(team)
    const told = `${markOf(team)} ${found}`
    if (this.#told.has(told)) return
    this.#told.add(told)
    const exists = await this.#exists(team).catch(() => true)
    if (!exists) this.#log.warn({ team: team.team, id: team.id }, 'a session outlived its team: its files are refused')
    else this.#log.error({ team: team.team, folder, found }, strangeRoot(team, folder, found))
  }
}

/** Ids begin again in another database. A restored or copied one keeps both. */
function markOf({ id, createdAt }: Team): string {
  return `${id} ${createdAt.toISOString()}`
}

function strangeRoot(team: Team, folder: string, found: string): string {
  return `The folder ${folder} belongs to another team ("${found.slice(0, SHOWN_MARK)}", not "${markOf(team)}"), so its files are refused: if they are those of team "${team.team}", remove ${join(folder, MARK)}; otherwise move the folder away.`
}
