/** Other features import only from this file. */
export { inTheWayAnswer, refuseUnmapped, startedAnswer } from './api.ts'
export type { BatchProgressTold, LiveProgress } from './live-progress.ts'
export { RunPanel } from './panel.tsx'
