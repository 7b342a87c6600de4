import type { Config } from '../config.ts'

/** Where browsers reach the service, unless PUBLIC_URL says otherwise: for a mail's links a wildcard address is no place. */
export function publicUrlOf(config: Config): URL {
  if (config.PUBLIC_URL) return new URL(config.PUBLIC_URL)
  const host = ['0.0.0.0', '::'].includes(config.HTTP_HOST) ? 'localhost' : config.HTTP_HOST
  const scheme = config.HTTP_TLS_CERT ? 'https' : 'http'
  return new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${config.HTTP_PORT}`)
}
