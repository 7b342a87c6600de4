import { withoutFlags } from './listing-commands.ts'

/** The path in the argument of a command, as the command itself takes it; null where it takes none. */
export function namedPath(verb: string, argument: string): string | null {
  if (NAMELESS.has(verb)) return null
  if (['LIST', 'NLST', 'STAT'].includes(verb)) return withoutFlags(argument)
  if (verb === 'MFMT') return /^\S+ (.+)$/s.exec(argument)?.[1] ?? null
  if (verb === 'SITE') return /^(?:STATUS|CHECK|CHMOD [0-7]+) (.+)$/is.exec(argument)?.[1] ?? null
  return argument
}

const NAMELESS = new Set([
  'USER',
  'PASS',
  'AUTH',
  'CLNT',
  'HOST',
  'OPTS',
  'HELP',
  'TYPE',
  'REST',
  'ALLO',
  'PORT',
  'EPRT',
])
