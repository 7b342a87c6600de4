/** The embedded PostgreSQL cannot be used; the message says why and what to do. */
export class EmbeddedPostgresProblem extends Error {
  override readonly name = 'EmbeddedPostgresProblem'
}
