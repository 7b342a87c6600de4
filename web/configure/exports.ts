/** Other features import only from this file. */
export { ColumnWords, OPT_OUT_TITLE, WouldBeHeld } from './dry-run.tsx'
