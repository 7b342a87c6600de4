import { z } from 'zod'
import type { AuditEntry } from '../../store/audit.ts'
import { CSV_TYPE } from '../http/answers/attachment.ts'
import { type Like, moment, pageOf, text } from '../openapi/answers.ts'
import { file, json, NO_TEAM, type Operations } from '../openapi/operation.ts'
import { auditFileQuery, auditQuery } from './api.ts'

const auditEntry = z
  .object({
    id: text.describe('ID of the entry. Later entries have higher numbers.'),
    at: moment.describe('When it happened.'),
    team: text.nullable().describe('Short name of the team; null for actions on the whole server.'),
    actor: text.describe('Who did it: an e-mail address, a token with its owner, an FTP account or the service.'),
    actorKind: z
      .enum(['administrator', 'token', 'ftp_account', 'system'])
      .describe(
        '`administrator`: a person who signed in. `token`: an API token. `ftp_account`: an FTP, FTPS or SFTP login. `system`: the service itself.',
      ),
    address: text.nullable().describe('IP address; null if there is none.'),
    action: text.describe('What was done, for example `import-settings.save`.'),
    subject: text.nullable().describe('What it was done to, for example a path or an e-mail address.'),
    details: z.record(text, z.unknown()).describe('More about the action, such as old and new values. No secrets.'),
  })
  .meta({ id: 'AuditEntry', description: 'One entry of the audit log.' }) satisfies Like<AuditEntry>

export const activityOperations: Operations = {
  'GET /api/audit': {
    tag: 'Audit',
    summary: 'List the audit log',
    query: { schema: auditQuery, example: { team: 'admissions', limit: '10' } },
    answers: { 200: json('Newest first.', pageOf(auditEntry)), 404: NO_TEAM },
  },
  'GET /api/audit.csv': {
    tag: 'Audit',
    summary: 'Download the audit log',
    query: { schema: auditFileQuery, example: { team: 'admissions' } },
    answers: { 200: file('Newest first.', CSV_TYPE), 404: NO_TEAM },
  },
}
