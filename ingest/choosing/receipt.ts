import type { TeamPath } from '../../model/team-path.ts'

export interface Received {
  path: TeamPath
  receivedAt: Date | null
}

/** When a file arrived, in milliseconds; before all others where that is not known. */
export function receipt({ receivedAt }: Pick<Received, 'receivedAt'>): number {
  return receivedAt?.getTime() ?? 0
}

/** Orders files by receipt; of two received in the same moment the greater name is the later. */
export function byReceipt(a: Received, b: Received): number {
  return receipt(a) - receipt(b) || (a.path < b.path ? -1 : 1)
}
