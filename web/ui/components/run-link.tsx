/** `#1482`, which leads to that run below `base`. */
export function RunLink({ base, run }: { base: string; run: { runId: string; runNumber: number } }) {
  return <a href={`${base}/${run.runId}`}>#{run.runNumber}</a>
}
