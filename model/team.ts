/** A tenant: its own virtual root, FTP accounts, import settings, windows, contacts and time zone. */
export interface Team {
  /** Internal key; never leaves the service. Outside, a team is named by its slug. */
  readonly id: number
  /** The slug, `[a-z0-9-]{1,63}`: also the name of the team's folder under `DATA_DIR/teams`. */
  readonly team: string
  readonly name: string
  /** IANA name, e.g. `America/New_York`. */
  readonly timeZone: string
  readonly quotaBytes: number
  readonly quotaFiles: number
  /** Refuse a TLS data connection that ends without close_notify; off for old clients only. */
  readonly ftpStrictClose: boolean
  readonly createdAt: Date
}

export const TEAM_SLUG = /^[a-z0-9-]{1,63}$/

/** Depends on the time zone data of this runtime. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
