/** Whether this is the one request whose body may have any size: a program's, or that of the page. */
export function isManualImport(method: string, path: string): boolean {
  const found = /^(\/api)?\/teams\/[^/]+\/manual-import$/.exec(path)
  return found !== null && method === (found[1] ? 'PUT' : 'POST')
}
