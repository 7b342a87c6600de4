import { fileURLToPath } from 'node:url'

/** The path of a program that stands beside this file, as source or compiled. */
export function programBeside(name: string): string {
  return fileURLToPath(new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url))
}

/** What Node.js is started with for the service, as by `npm start`. */
export const SERVICE_FLAGS = ['--max-semi-space-size=8']
