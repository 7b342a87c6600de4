/** What other features may use of this one. */
export type { CheckStoredFile } from './check-api.ts'
export { ColumnWords, OPT_OUT_TITLE } from './dry-run.tsx'
