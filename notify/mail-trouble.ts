const KNOWN: readonly [RegExp, string][] = [
  [/ECONNREFUSED/, 'the mail server refuses connections'],
  [/ENOTFOUND|EAI_AGAIN|EDNS/, 'the name of the mail server cannot be found'],
  [/ETIMEDOUT|timeout|timed out/i, 'the mail server does not answer'],
  [/Invalid login|EAUTH|\b53[0-9]\b/, 'the mail server refuses the user or the password'],
  [/certificate|\bTLS\b|\bSSL\b/i, 'no TLS connection to the mail server'],
]
const MOST_CHARACTERS = 200

/** Safe to show to all users: names neither people nor machines. */
export function mailTroubleWords(error: string): string {
  const known = KNOWN.find(([pattern]) => pattern.test(error))
  if (known) return known[1]
  const withoutAddresses = error
    .replace(/\S+@\S+/g, '…')
    .replace(/\[?\b(?:\d{1,3}\.){3}\d{1,3}\b\]?(?::\d+)?|\b(?:[\da-f]{0,4}:){2,}[\da-f]{0,4}/gi, '…')
    .replace(/\b(?:[a-z\d-]+\.)+[a-z]{2,}\b/gi, '…')
  return `the mail server said: ${withoutAddresses.slice(0, MOST_CHARACTERS)}`
}
