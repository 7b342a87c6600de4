// Imported before all else: in an older Node the modules below fail with a cryptic error.
import { EXIT_CONFIGURATION } from '../config.ts'

const NEEDED = 24

const { node } = process.versions
if (Number.parseInt(node, 10) < NEEDED) {
  process.stderr.write(
    `Rosterport needs Node ${NEEDED} or later, and this is Node ${node}: start it by npm start, which brings its own (a command by npm start -- COMMAND), or install a later Node.\n`,
  )
  process.exit(EXIT_CONFIGURATION)
}
