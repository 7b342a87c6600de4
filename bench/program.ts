/** The path of a program that stands beside this file, as source or compiled. */
export function programBeside(name: string): string {
  return new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url).pathname
}
