/** What other features may use of this one. */
export { inTheWayAnswer, refuseUnmapped, startedAnswer } from './api.ts'
export type { BatchProgressTold, LiveProgress } from './live-progress.ts'
export { RunPanel } from './panel.tsx'
