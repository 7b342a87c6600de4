import { EXIT_CONFIGURATION } from '../../config.ts'
import { createLog } from '../../log.ts'
import type { AuditActor } from '../../model/audit.ts'
import { audit } from '../../store/audit.ts'
import { ownerEmails, personByEmail } from '../../store/people/people.ts'
import { turnTotpOff } from '../../store/people/second-factor.ts'
import type { Database } from '../../store/postgres/database.ts'
import { invitationLink } from '../../web/sign-in/invitation-link.ts'
import { configurationOf } from '../configuration.ts'
import { openExisting } from '../open-existing.ts'
import { publicUrlOf } from '../public-names.ts'
import type { Command } from './command.ts'

const LINK_HOURS = 24
const ACTOR: AuditActor = { name: 'command line', kind: 'system', address: null }

export const resetOwner: Command = {
  takes: 'EMAIL [--second-factor]',
  does: 'prints a link by which this owner sets a new password; with --second-factor turns a lost second factor off',
  operands: 1,
  options: { 'second-factor': { type: 'boolean' } },
  async run({ env, operands: [email = ''], options }) {
    const config = configurationOf(env)
    if (!config) return EXIT_CONFIGURATION
    const { db, close } = await openExisting(config, createLog('warn', process.stderr))
    const reset = { email, publicUrl: publicUrlOf(config), secondFactor: options['second-factor'] === true }
    const answer = await resetIn(db, reset, new Date()).finally(close)
    const said = 'refused' in answer ? process.stderr : process.stdout
    said.write(`${'refused' in answer ? answer.refused : answer.told}\n`)
    return 'refused' in answer ? 1 : 0
  },
}

interface Reset {
  email: string
  publicUrl: URL
  secondFactor: boolean
}

async function resetIn(
  db: Database,
  { email, publicUrl, secondFactor }: Reset,
  now: Date,
): Promise<{ told: string } | { refused: string }> {
  return db.transaction().execute(async (tx) => {
    const person = await personByEmail(tx, email)
    if (!person) return { refused: `Nobody has the address ${email}. ${owners(await ownerEmails(tx))}` }
    if (person.role !== 'owner')
      return {
        refused: `${person.email} is an admin, not an owner: an owner makes a new link for them on the page People. ${owners(await ownerEmails(tx))}`,
      }
    const expiresAt = new Date(now.getTime() + LINK_HOURS * 3_600_000)
    const link = await invitationLink(tx, person.id, expiresAt, publicUrl)
    await audit(tx, ACTOR, { action: 'person.new-link', subject: person.email })
    if (secondFactor) {
      await turnTotpOff(tx, person.id)
      await audit(tx, ACTOR, { action: 'person.second-factor-off', subject: person.email })
    }
    const until = expiresAt.toISOString().slice(0, 16).replace('T', ' ')
    return {
      told: [
        ...(secondFactor ? [`The second factor of ${person.email} is off, and their recovery codes have ended.`] : []),
        `This link sets a new password for ${person.email}. It works once, until ${until} UTC, and ends their sessions:`,
        link,
      ].join('\n'),
    }
  })
}

function owners(emails: readonly string[]): string {
  if (emails.length === 0) return 'There is no owner yet: start the service first.'
  return emails.length === 1 ? `The only owner is ${emails[0]}.` : `The owners are ${emails.join(', ')}.`
}
