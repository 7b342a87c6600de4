/** What other features may use of this one. */
export type { ContactFigures } from './contact-figures.ts'
