/** What other features may use of this one. */
export { type WaitingFile, waitingFiles } from './view.ts'
