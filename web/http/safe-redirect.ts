/** `to` if it leads to a page of ours; the overview otherwise. */
export function safeRedirect(to: string | undefined): string {
  const here = 'http://here'
  if (!to?.startsWith('/') || !URL.canParse(to, here)) return '/'
  const url = new URL(to, here)
  return url.origin === here && !url.pathname.startsWith('//') ? url.pathname + url.search + url.hash : '/'
}
