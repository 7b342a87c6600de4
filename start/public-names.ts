import type { Config } from '../config.ts'
import { withoutBrackets } from './environment/values.ts'

/** To listen on every address of the machine. */
const WILDCARDS = ['0.0.0.0', '::']

/** Where browsers reach the service, unless PUBLIC_URL says otherwise: a link cannot use a wildcard address. */
export function publicUrlOf(config: Config): URL {
  if (config.PUBLIC_URL) return new URL(config.PUBLIC_URL)
  const host = WILDCARDS.includes(config.HTTP_HOST) ? 'localhost' : config.HTTP_HOST
  const scheme = config.HTTP_TLS_CERT ? 'https' : 'http'
  return new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${config.HTTP_PORT}`)
}

/** The server name shown for FTP clients. */
export function ftpHostOf(config: Config): string {
  return config.FTP_PUBLIC_HOST ?? config.FTP_PASSIVE_HOST ?? withoutBrackets(publicUrlOf(config).hostname)
}

/** Names that clients may enter; the certificate must cover them. The first is shown. */
export function namesOfServer(config: Config): string[] {
  const others = [config.FTP_PASSIVE_HOST, withoutBrackets(publicUrlOf(config).hostname), config.FTP_HOST]
  const names = [ftpHostOf(config), ...others.filter((name) => name !== undefined)]
  return [...new Set(names)].filter((name) => !WILDCARDS.includes(name))
}
