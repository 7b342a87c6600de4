import { fileURLToPath } from 'node:url'

/** The path of a program beside this file, as source or compiled. */
export function programBeside(name: string): string {
  return fileURLToPath(new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url))
}

/** Node.js flags of the service, as in `npm start`. */
export const SERVICE_FLAGS = ['--max-semi-space-size=8']
