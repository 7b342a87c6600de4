import { z } from 'zod'
import { moment, pageOf, text } from '../openapi/answers.ts'
import { done, json, NO_TEAM, type Operations } from '../openapi/operation.ts'
import { accountChanges, newAccount } from './api.ts'

const username = text.describe('User name for FTP, FTPS and SFTP.')

const ftpAccount = z
  .object({
    username,
    publicKeys: z.array(z.unknown()).describe('SSH public keys that may sign in by SFTP, one line each.'),
    allowedAddresses: z
      .array(text)
      .describe('IP addresses and networks (CIDR) that may connect. Empty: any address may connect.'),
    permissions: z
      .enum(['upload', 'full'])
      .describe('`upload`: upload, list, rename and delete own uploads. `full`: change every file of the team.'),
    enabled: z.boolean().describe('False if the account is switched off.'),
    createdAt: moment.describe('When the account was created.'),
    lastLoginAt: moment.nullable().describe('Last login; null if never used.'),
  })
  .meta({ id: 'FtpAccount', description: 'A login for FTP, FTPS and SFTP.' })

const ftpPassword = z.object({ username, password: text.describe('The password, shown only once.') })

const port = z.int().min(1).max(65_535)

const connection = z.object({
  host: text.describe('Name or address of the server for clients.'),
  ftp: z
    .object({
      port: port.describe('Port for FTP with explicit TLS.'),
      tls: z
        .enum(['required', 'optional', 'off'])
        .describe('`required`: TLS before the login. `optional`: TLS or none. `off`: no TLS.'),
    })
    .nullable()
    .describe('FTP; null if it is off.'),
  ftpsPort: port.nullable().describe('Port for FTP with implicit TLS; null if it is off.'),
  sftpPort: port.nullable().describe('Port for SFTP; null if it is off.'),
  passivePorts: z
    .object({ first: port.describe('Lowest port.'), last: port.describe('Highest port.') })
    .describe('Ports for data connections, which a firewall must let through.'),
  certificate: z
    .object({
      fingerprint: text.describe('SHA-256 fingerprint.'),
      subject: text.describe('Name in the certificate.'),
      validUntil: moment.describe('When it expires.'),
      pem: text.describe('The certificate itself. A client trusts it if no authority issued it.'),
    })
    .nullable()
    .describe('Certificate of FTP; null without TLS.'),
  hostKeys: z.array(text).describe('SHA-256 fingerprint of each SSH host key.'),
  instructions: text.describe('All of this as text, to hand to the administrator of the student information system.'),
})

export const ftpAccountOperations: Operations = {
  'GET /api/teams/:team/ftp-accounts': {
    tag: 'FTP accounts',
    summary: 'List the FTP accounts of a team',
    answers: { 200: json('Ordered by user name.', pageOf(ftpAccount)), 404: NO_TEAM },
  },
  'POST /api/teams/:team/ftp-accounts': {
    tag: 'FTP accounts',
    summary: 'Create an FTP account',
    body: { schema: newAccount, example: { username: 'admissions-new', allowedAddresses: ['192.0.2.0/24'] } },
    answers: {
      201: json('The generated password, shown only once.', ftpPassword),
      404: NO_TEAM,
      409: done('The user name is taken.'),
    },
  },
  'PATCH /api/teams/:team/ftp-accounts/:username': {
    tag: 'FTP accounts',
    summary: 'Update an FTP account',
    body: { schema: accountChanges, example: { permissions: 'full', enabled: true } },
    answers: { 200: json('The updated account.', ftpAccount), 404: NO_TEAM },
  },
  'DELETE /api/teams/:team/ftp-accounts/:username': {
    tag: 'FTP accounts',
    summary: 'Delete an FTP account',
    path: { username: 'admissions-former' },
    answers: { 204: done('Deleted.'), 404: NO_TEAM },
  },
  'POST /api/teams/:team/ftp-accounts/:username/password': {
    tag: 'FTP accounts',
    summary: 'Generate a new password',
    description: 'The old password stops working.',
    answers: { 201: json('The new password, shown only once.', ftpPassword), 404: NO_TEAM },
  },
  'GET /api/teams/:team/connection': {
    tag: 'FTP accounts',
    summary: 'What to enter in the student information system',
    description: 'Server, ports, certificate and host keys as they are now, and the instructions as text.',
    answers: { 200: json('It holds no password.', connection), 404: NO_TEAM },
  },
}
