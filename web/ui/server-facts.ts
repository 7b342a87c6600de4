/** How clients reach the FTP endpoints, and how they know that it is them. */
export interface ServerFacts {
  /** The name or address that clients are told. */
  host: string
  ftp: { port: number; tls: 'required' | 'optional' | 'off' } | null
  ftpsPort: number | null
  sftpPort: number | null
  passivePorts: { first: number; last: number }
  certificate: { fingerprint: string; subject: string; validUntil: Date } | null
  /** `SHA256:...` of each SSH host key. */
  hostKeys: readonly string[]
  mail: { via: 'smtp' | 'folder'; from: string }
  dataDir: string
}
