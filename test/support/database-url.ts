import type { EmbeddedAddress } from '../../start/embedded-postgres.ts'

/** As DATABASE_URL says where a database of the embedded PostgreSQL is. */
export function urlOf({ socketFolder, database, password }: EmbeddedAddress): string {
  return `postgres://postgres:${password}@localhost/${database}?host=${encodeURIComponent(socketFolder)}`
}
