import { isFinished, type Run } from '../model/run.ts'

/** Input of the program. */
export interface PageClientWork {
  base: string
  headers: Record<string, string>
  /** By name, what is asked for in turn until the run has ended. */
  pages: Record<string, string>
  runId: string
}

/** Printed by the program: milliseconds of each request, by page. */
export type PageTimes = Record<string, number[]>

/** Between two requests: a person who reloads without end. */
const PAUSE_MS = 10

/** Asks for pages as long as a run goes on; a process of its own, so that nothing it does delays the server. */
const { base, headers, pages, runId } = JSON.parse(process.argv[2] ?? '') as PageClientWork

async function ask(path: string): Promise<{ text: string; ms: number }> {
  const asked = performance.now()
  const accept = path.startsWith('/api') ? '*/*' : 'text/html'
  const answer = await fetch(base + path, { headers: { ...headers, accept } })
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 200)}`)
  return { text, ms: performance.now() - asked }
}

const times: PageTimes = Object.fromEntries(Object.keys(pages).map((name) => [name, []]))
for (;;) {
  for (const [name, path] of Object.entries(pages)) {
    times[name]?.push((await ask(path)).ms)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  const { state } = JSON.parse((await ask(`/api/runs/${runId}`)).text) as Run
  if (!isFinished(state)) continue
  if (!state.startsWith('imported')) throw new Error(`the run ended as ${state}`)
  break
}
process.stdout.write(JSON.stringify(times))
