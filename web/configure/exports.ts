/** Other features import only from this file. */
export type { CheckStoredFile } from './check-api.ts'
export { ColumnWords, OPT_OUT_TITLE } from './dry-run.tsx'
