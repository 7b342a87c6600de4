/** Codes of sockets, and of PostgreSQL while it starts, stops, or takes no more connections. */
const AWAY = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', '53300'])
const AWAY_CLASSES = /^(08|57P)/
/** pg gives these no code. */
const AWAY_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection)/

/** The database cannot be reached; false for a faulty query. */
export function isDatabaseAway(error: unknown): boolean {
  const { code, syscall, message } = errorParts(error)
  // A missing file also has ENOENT; a missing socket comes from `connect`.
  if (code === 'ENOENT') return syscall === 'connect'
  return (code !== null && (AWAY.has(code) || AWAY_CLASSES.test(code))) || AWAY_MESSAGES.test(message)
}

/** PostgreSQL cannot hold a NUL character or half a surrogate pair. */
export function isUnstorableText(error: unknown): boolean {
  return ['22021', '22P02', '22P05'].includes(errorParts(error).code ?? '')
}

export function isStatementTimeout(error: unknown): boolean {
  return errorParts(error).code === '57014'
}

export function errorParts(error: unknown): { code: string | null; syscall: string | null; message: string } {
  if (!(error instanceof Error)) return { code: null, syscall: null, message: '' }
  const { code, syscall } = error as Error & { code?: unknown; syscall?: unknown }
  return {
    code: typeof code === 'string' ? code : null,
    syscall: typeof syscall === 'string' ? syscall : null,
    message: error.message,
  }
}
