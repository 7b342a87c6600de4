import type { ImportSettings } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import type { FtpAccount } from '../../store/ftp-accounts.ts'
import type { Fault } from '../http/refusal.ts'
import type { ServerFacts } from '../ui/server-facts.ts'

export interface FtpAccountsView {
  team: Team
  accounts: readonly FtpAccount[]
  lastUploads: ReadonlyMap<string, { at: Date; path: string }>
  settings: ImportSettings
  server: ServerFacts
  /** A password that was made by this very request: shown this once. */
  made: { username: string; password: string } | null
  /** What was typed and what is wrong with it. */
  refused: { form: Record<string, string>; faults: readonly Fault[] } | null
  /** The same of an account that is there. */
  refusedChange: {
    username: string
    form: { allowedAddresses: string; publicKeys: string }
    faults: readonly Fault[]
  } | null
}
