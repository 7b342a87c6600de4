// Compares the notices about production packages with the written exceptions of audit-exceptions.json. Where no registry
// answers, it says so and lets CI go on.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const exceptions = JSON.parse(readFileSync(new URL('audit-exceptions.json', import.meta.url), 'utf8'))
const report = audit()
if (!report?.vulnerabilities) {
  console.log('npm audit: no registry answered, nothing was checked.')
  process.exit(0)
}
const notices = Object.values(report.vulnerabilities).flatMap(({ via }) => via.filter((one) => typeof one === 'object'))
const unknown = notices.filter(({ name, url }) => exceptions[url]?.package !== name)
for (const { name, severity, title, url } of unknown) console.error(`${severity}: ${name}: ${title} (${url})`)
const stale = Object.keys(exceptions).filter((url) => !notices.some((notice) => notice.url === url))
for (const url of stale) console.log(`npm audit: the exception ${url} is no longer needed.`)
process.exit(unknown.length > 0 ? 1 : 0)

function audit() {
  try {
    return JSON.parse(execFileSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8', stdio: 'pipe' }))
  } catch (error) {
    // It exits with 1 where it found something.
    try {
      return JSON.parse(error.stdout)
    } catch {
      return null
    }
  }
}
