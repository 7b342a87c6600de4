import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../../..')

/** What tests start as processes, beside the threads that the service starts itself. */
const PROGRAMS = ['main.ts', 'demo/demo.ts', 'test/support/machine/embedded-process.ts']

/**
 * Compiles the programs into `folder`/dist, as `npm run build` does, but leaves the checks of types to `npm run typecheck`.
 * A process that compiles itself takes three times as long to start.
 */
export async function buildPrograms(folder: string): Promise<void> {
  await mkdir(join(folder, 'dist/web/ui'), { recursive: true })
  // What the compiled files look for outside of dist.
  for (const name of ['node_modules', 'package.json', 'demo']) await link(name, join(folder, name))
  for (const name of ['web/ui/assets', 'docs', 'README.md']) await link(name, join(folder, 'dist', name))
  const project = {
    extends: join(ROOT, 'tsconfig.build.json'),
    compilerOptions: {
      outDir: join(folder, 'dist'),
      rootDir: ROOT,
      incremental: false,
      tsBuildInfoFile: null,
      noCheck: true,
    },
    files: PROGRAMS.map((path) => join(ROOT, path)),
    include: [join(ROOT, '**/*-thread.ts')],
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(project))
  await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder], { cwd: folder })
}

/** When tests run again in the watch mode the link is there. */
async function link(path: string, at: string): Promise<void> {
  await symlink(join(ROOT, path), at).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}
