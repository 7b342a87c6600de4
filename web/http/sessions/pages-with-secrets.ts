/** The paths of pages that show secrets, or whose forms are sent with some. */
export const WITH_SECRETS = /^\/(account|sign-in|invitation)\b/
