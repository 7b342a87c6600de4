/** The only requests whose bodies may have any size: Manual Import by the API or by its page. */
export function isManualImport(method: string, path: string): boolean {
  const found = /^(\/api)?\/teams\/[^/]+\/manual-import$/.exec(path)
  return found !== null && method === (found[1] ? 'PUT' : 'POST')
}
