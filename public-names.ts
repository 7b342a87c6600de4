import { withoutBrackets } from './config/values.ts'
import type { Config } from './config.ts'

/** Where browsers reach the service, unless PUBLIC_URL says otherwise: for a mail's links a wildcard address is no place. */
export function publicUrlOf(config: Config): URL {
  if (config.PUBLIC_URL) return new URL(config.PUBLIC_URL)
  const host = ['0.0.0.0', '::'].includes(config.HTTP_HOST) ? 'localhost' : config.HTTP_HOST
  const scheme = config.HTTP_TLS_CERT ? 'https' : 'http'
  return new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${config.HTTP_PORT}`)
}

/** The server name that FTP clients are told. */
export function ftpHostOf(config: Config): string {
  return config.FTP_PUBLIC_HOST ?? config.FTP_PASSIVE_HOST ?? withoutBrackets(publicUrlOf(config).hostname)
}

/** What clients may enter as the server, which its certificate has to name; the first is told to them. */
export function namesOfServer(config: Config): string[] {
  const others = [config.FTP_PASSIVE_HOST, withoutBrackets(publicUrlOf(config).hostname)]
  return [...new Set([ftpHostOf(config), ...others.filter((name) => name !== undefined)])]
}
