import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import type { Program } from './owner-process.ts'

/** The command that starts a program of `test/support/runner/build-programs.ts`, such as main.ts. */
export function builtProgram(path: string): [string, ...string[]] {
  return [process.execPath, join(inject('programs'), 'dist', path.replace(/\.ts$/, '.js'))]
}

/** What a program is given of the environment of the tests. */
export function inherited(): NodeJS.ProcessEnv {
  const { PATH, TMPDIR } = process.env
  return { PATH, TMPDIR, NODE_COMPILE_CACHE: join(inject('programs'), 'compiled') }
}

/** The owning part of the service alone. */
export function embeddedProgram(dataDir: string, env: NodeJS.ProcessEnv = {}): Program {
  return {
    command: [...builtProgram('test/support/machine/embedded-process.ts'), dataDir],
    env: { ...inherited(), ...env },
    ready: 'ready',
  }
}

/** Makes `dataDir` the folder of an embedded PostgreSQL that was used before: a first start takes longer by seconds. */
export async function usedDataDir(dataDir: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', `${inject('usedDataDir')}/.`, dataDir])
}
