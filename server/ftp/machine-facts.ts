/** The facts of MLSD and MLST (RFC 3659 7.5), in this order. */
export const FACTS = ['type', 'size', 'modify'] as const
export type Fact = (typeof FACTS)[number]
