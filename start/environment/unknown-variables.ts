export interface NameProblems {
  faults: string[]
  warnings: string[]
}

/** Nothing else of this process has such names, so an unknown one is a mistake. */
const SURELY_OURS = /^(?:FTP|FTPS|SFTP)_/
/** Other programs have such names too: only a near miss is surely a mistake. */
const LIKELY_OURS = /^(?:HTTP_|SMTP_|MAIL_|WEBHOOK_|ADMIN_|OIDC_|PROXY_PROTOCOL|DATA_DIR)/
/** Proxies of the machine, and what Kubernetes gives to each container for a service called `ftp` or `http`. */
const FOREIGN = [/^(?:HTTP|FTP)_PROXY/, /_SERVICE_(?:HOST|PORT)(?:_|$)/, /_PORT_\d+_(?:TCP|UDP|SCTP)(?:_|$)/]
/** Common for FTP clients, as in the environment of a deployment script. */
const OF_CLIENTS = /^S?FTP_(?:USER|USERNAME|LOGIN|PASS|PASSWORD|PASSIVE_MODE|TIMEOUT|SERVER|URL)$/

/**
 * Names each variable that looks like one of ours and is none, with the nearest that is, if one is near. `known` holds every name, those
 * with `_FILE` too.
 */
export function unknownVariables(env: NodeJS.ProcessEnv, known: readonly string[]): NameProblems {
  const problems: NameProblems = { faults: [], warnings: [] }
  const isGiven = (name: string) => env[name] !== undefined && env[name] !== ''
  for (const name of Object.keys(env).filter((name) => isGiven(name) && !known.includes(name))) {
    if (FOREIGN.some((pattern) => pattern.test(name))) continue
    const spelt = nearestOf(name, known)
    const isNear = spelt.distance <= (name.length < 10 ? 1 : 2)
    const said = `${name} is not a variable of this program${isNear ? `: did you mean ${spelt.name}?` : hintFor(name, known)}`
    if (SURELY_OURS.test(name)) problems[OF_CLIENTS.test(name) ? 'warnings' : 'faults'].push(said)
    else if (LIKELY_OURS.test(name)) problems[isNear && LIKELY_OURS.test(spelt.name) ? 'faults' : 'warnings'].push(said)
    // A name that only resembles one of ours may be another program's, above all beside the right one.
    else if (isNear && !isGiven(spelt.name)) problems.warnings.push(said)
  }
  return problems
}

/**
 * Kubernetes sets such a variable for a service, `FTP_PORT=tcp://10.96.0.7:2121` for `ftp`. The operator's own would
 * have replaced it.
 */
export function isServiceLink(env: NodeJS.ProcessEnv, name: string): boolean {
  const [, service] = /^(.*)_PORT$/.exec(name) ?? []
  return /^(?:tcp|udp|sctp):\/\//.test(env[name] ?? '') && env[`${service}_SERVICE_HOST`] !== undefined
}

/** The end of the sentence for a name that is no near miss: only of the same subject, as SMTP_HOST looks like HTTP_HOST. */
function hintFor(name: string, known: readonly string[]): string {
  const isOfFile = name.endsWith('_FILE')
  const subject = known.filter(
    (other) => other.split('_')[0] === name.split('_')[0] && other.endsWith('_FILE') === isOfFile,
  )
  if (subject.length === 0) return '.'
  const { name: nearest, distance } = nearestOf(name, subject)
  return subject.length === 1 || distance <= name.replace(/_FILE$/, '').length / 3
    ? `; the nearest is ${nearest}.`
    : '.'
}

function nearestOf(name: string, known: readonly string[]): { name: string; distance: number } {
  const spelt = name.toUpperCase()
  return known
    .map((name) => ({ name, distance: editDistance(spelt, name) }))
    .reduce((best, next) => (next.distance < best.distance ? next : best))
}

/** Counts changed, added, missing and transposed letters. */
function editDistance(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= a.length; row++) {
    const now = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      const exchanged = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      now[column] = Math.min(
        (last[column] as number) + 1,
        (now[column - 1] as number) + 1,
        (last[column - 1] as number) + (same ? 0 : 1),
        exchanged ? (before[column - 2] as number) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    ;[before, last] = [last, now]
  }
  return last[b.length] as number
}
