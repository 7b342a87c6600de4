/** Who acts, and from where. */
export interface AuditActor {
  name: string
  kind: 'administrator' | 'token' | 'ftp_account' | 'system'
  address: string | null
}
