/** Addresses, ports and fingerprints of the endpoints, as clients need them. */
export interface ServerFacts {
  /** Name or address for clients. */
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
