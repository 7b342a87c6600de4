import type { ParseArgsConfig } from 'node:util'

/** A command's arguments and environment. */
export interface Called {
  readonly env: NodeJS.ProcessEnv
  /** As many as `operands` names. */
  readonly operands: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
}

/** One thing that the program does. */
export interface Command {
  /** Behind the name, `EMAIL [--second-factor]`; empty where it takes nothing. */
  readonly takes: string
  /** In one line. */
  readonly does: string
  readonly operands: number
  readonly options: NonNullable<ParseArgsConfig['options']>
  /** Answers the exit code; null where the process goes on, or has set it. */
  run(called: Called): Promise<number | null>
}
