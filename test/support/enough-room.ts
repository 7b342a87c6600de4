/** As on a disk that is never full. */
export const ENOUGH_ROOM = { look: async () => true, isNearlyGone: async () => false }
