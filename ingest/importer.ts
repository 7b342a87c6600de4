import type { Team } from '../model/team.ts'

/** A run that was started, or the one of the team that was already going. */
export type StartedRun = { ok: true; runId: string } | { ok: false; runId: string }

/** Starts runs, one at a time per team. */
export interface Importer {
  /** Run Import: the run is queued when this returns and goes on in the background. The caller has checked that the four fields are mapped. */
  start(team: Team, requestedBy: string): Promise<StartedRun>
}
