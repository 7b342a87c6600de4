import { backup } from './backup.ts'
import { checkConfig } from './check-config.ts'
import type { Command } from './command.ts'
import { resetOwner } from './reset-owner.ts'
import { restore } from './restore.ts'
import { serve } from './serve.ts'

/** Everything that the program does, by name. */
export const COMMANDS = {
  serve,
  'reset-owner': resetOwner,
  'check-config': checkConfig,
  backup,
  restore,
} satisfies Record<string, Command>
