/** Other features import only from this file. */
export { type WaitingFile, waitingFiles } from './view.ts'
