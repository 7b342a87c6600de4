import type { CommandSession } from './command-session.ts'
import { FtpRefusal } from './control/ftp-replies.ts'
import { FACTS, type Fact } from './machine-facts.ts'
import { siteHelp } from './site-commands.ts'

/** FEAT (RFC 2389): what the commands of `served` announce, and what no command says. */
export async function features(session: CommandSession, served: readonly string[]): Promise<void> {
  const { tls, active } = session.options
  const secure = tls.mode === 'off' ? [] : tls.mode === 'implicit' ? ['PBSZ', 'PROT'] : ['AUTH TLS', 'PBSZ', 'PROT']
  const facts = FACTS.map((fact) => `${fact}${session.facts.includes(fact) ? '*' : ''};`).join('')
  const lines = [...secure, ...served, ...(active ? ['EPRT'] : []), `MLST ${facts}`, 'TVFS', 'UTF8'].sort()
  await session.reply(211, 'Supported:', ...lines.map((feature) => ` ${feature}`), 'End.')
}

export async function setOption(session: CommandSession, argument: string): Promise<void> {
  const [, option = '', value = ''] = /^(\S+)(?: (.*))?$/s.exec(argument) ?? []
  if (/^UTF-?8$/i.test(option) && /^(?:ON)?$/i.test(value)) return session.reply(200, 'UTF8 set to on.')
  if (/^HASH$/i.test(option) && /^(?:SHA-256)?$/i.test(value)) return session.reply(200, 'SHA-256')
  if (/^MLST$/i.test(option)) return chooseFacts(session, value)
  throw new FtpRefusal(501, 'Option not understood.')
}

/** OPTS MLST (RFC 3659 7.9): from now on these facts alone, each with a semicolon behind it; unknown ones are left out. */
async function chooseFacts(session: CommandSession, value: string): Promise<void> {
  if (!/^(?:[^;\s]+;)*$/.test(value))
    throw new FtpRefusal(501, 'OPTS MLST requires facts, each followed by a semicolon.')
  const wanted = value.toLowerCase().split(';')
  session.facts = FACTS.filter((fact: Fact) => wanted.includes(fact))
  await session.reply(200, `MLST OPTS ${session.facts.map((fact) => `${fact};`).join('')}`.trim())
}

export async function help(session: CommandSession, argument: string, verbs: readonly string[]): Promise<void> {
  if (argument !== '') {
    const verb = argument.toUpperCase()
    if (verb === 'SITE') return siteHelp(session, '')
    if (!verbs.includes(verb)) throw new FtpRefusal(501, 'Unknown command.')
    return session.reply(214, `${verb} is supported.`)
  }
  const lines = Array.from({ length: Math.ceil(verbs.length / 8) }, (_, line) => verbs.slice(line * 8, line * 8 + 8))
  await session.reply(214, 'Supported:', ...lines.map((line) => ` ${line.join(' ')}`), 'End.')
}

/** HOST: RFC 7151. There is one host here, whatever it is called. */
export async function host(session: CommandSession): Promise<void> {
  if (session.login) throw new FtpRefusal(503, 'HOST must come before USER.')
  await session.reply(220, 'Ready.')
}
