/** Other features import only from this file. */
export { ColumnWords, OPT_OUT_TITLE, WouldBeHeld } from './sections/dry-run.tsx'
