/** Other features import only from this file. */
export type { ContactFigures } from './contact-figures.ts'
