import { spawnSync } from 'node:child_process'

/** The reason why tests with a program of this machine cannot run; undefined where they can. */
export function cannotRun(program: string, ...args: string[]): string | undefined {
  const { error, status } = spawnSync(program, args)
  if (error) return `${program} is not installed`
  return status === 0 ? undefined : `${program} does not work for this user`
}
