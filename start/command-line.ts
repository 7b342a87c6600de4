import { parseArgs } from 'node:util'
import type { Called, Command } from './commands/command.ts'
import { COMMANDS } from './commands/index.ts'
import { isExplained } from './problems.ts'

/** The exit code of a command that was called in a wrong way: EX_USAGE of sysexits.h. */
const EXIT_USAGE = 64

type Call =
  | { command: Command; operands: readonly string[]; options: Called['options'] }
  | { command: 'help' }
  | { command: null; wrong: string }

/** Does what the arguments say. Answers the exit code; null where the process goes on, or has set it. */
export async function runCommandLine(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const call = callOf(args)
  if (call.command === null) return misuse(call.wrong)
  if (call.command === 'help') return help()
  try {
    return await call.command.run({ env, ...call })
  } catch (error) {
    if (!isExplained(error)) throw error
    process.stderr.write(`${error.message}\n`)
    return 1
  }
}

export function callOf([name = 'serve', ...rest]: readonly string[]): Call {
  if (['help', '--help', '-h'].includes(name)) return { command: 'help' }
  const command = Object.hasOwn(COMMANDS, name) && (COMMANDS as Record<string, Command>)[name]
  if (!command) return { command: null, wrong: `There is no command "${name}".` }
  const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const
  try {
    const { positionals, values } = parseArgs({ args: rest, options, allowPositionals: true })
    if (values.help) return { command: 'help' }
    if (positionals.length !== command.operands)
      return { command: null, wrong: `The command is ${`${name} ${command.takes}`.trim()}.` }
    return { command, operands: positionals, options: values }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (!code?.startsWith('ERR_PARSE_ARGS_')) throw error
    return { command: null, wrong: `${message.replace(/\. .*$/s, '')}.` }
  }
}

function help(): number {
  process.stdout.write(`Rosterport is configured by the environment; see README.md.\n\n${usage()}`)
  return 0
}

function misuse(sentence: string): number {
  process.stderr.write(`${sentence}\n\n${usage()}`)
  return EXIT_USAGE
}

function usage(): string {
  const calls = Object.entries<Command>(COMMANDS).map(([name, { takes, does }]) => ({
    call: `${name} ${takes}`.trim(),
    does,
  }))
  const width = Math.max(...calls.map(({ call }) => call.length))
  return `Commands:\n${calls.map(({ call, does }) => `  ${call.padEnd(width)}  ${does}\n`).join('')}`
}
