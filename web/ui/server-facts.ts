/** Addresses, ports and fingerprints of the endpoints, as clients need them. */
export interface ServerFacts {
  /** Name or address for clients; the ports are those for clients, too. */
  host: string
  ftp: { port: number; tls: 'required' | 'optional' | 'off' } | null
  ftpsPort: number | null
  sftpPort: number | null
  passivePorts: { first: number; last: number }
  /** For PASV, if set; `current` is null while the name does not resolve. */
  passiveAddress: { host: string; current(): string | null } | null
  /** The current one: it may be renewed at any time. */
  certificate(): { fingerprint: string; subject: string; validUntil: Date; pem: string } | null
  /** `SHA256:...` of each SSH host key. */
  hostKeys: readonly string[]
  mail: { via: 'smtp' | 'folder'; from: string }
  dataDir: string
}
