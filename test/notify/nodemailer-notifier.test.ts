import { mkdir, mkdtemp, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import { afterEach, expect, test } from 'vitest'
import { folderNotifier, renderMessage, smtpNotifier } from '../../notify/nodemailer-notifier.ts'
import { type Message, MessageRefused } from '../../notify/notifier.ts'
import { type Mailbox, startMailbox } from '../support/mailbox.ts'

const FROM = 'Rosterport <rosterport@example.edu>'
const message: Message = {
  messageId: '<one@rosterport>',
  to: ['registrar@example.edu', 'it@example.edu'],
  subject: '[Admissions] Zoë: 1 of 1 imported, 0 errors',
  text: 'All is well.',
  html: '<p>All is well.</p>',
  headers: { 'X-Rosterport-Batch': 'b1' },
  attachments: [{ fileName: 'errors.csv', contentType: 'text/csv', content: Buffer.from('line,code\r\n') }],
}

let mailbox: Mailbox | undefined
afterEach(() => mailbox?.stop())

test('a message goes to every address, with its id, header and attachment', async () => {
  mailbox = await startMailbox()
  const notifier = smtpNotifier(mailbox.url, FROM)
  const delivery = await notifier.send(message)
  notifier.close()
  expect(delivery).toEqual({ accepted: message.to, rejected: [] })
  const [mail] = mailbox.mails
  expect(mail?.to).toEqual(message.to)
  expect(mail?.parsed).toMatchObject({
    messageId: '<one@rosterport>',
    subject: message.subject,
    text: 'All is well.',
  })
  expect(mail?.parsed.headers.get('x-rosterport-batch')).toBe('b1')
  expect(mail?.parsed.attachments[0]).toMatchObject({ filename: 'errors.csv', content: Buffer.from('line,code\r\n') })
})

test('no line of a subject, a name or a header becomes a header of its own', async () => {
  const line = '\r\nBcc: mallory@example.org\r\n\r\nbody'
  const content = await renderMessage(
    {
      ...message,
      subject: `[Admissions${line}] x${line}`,
      headers: { 'X-Rosterport-Batch': `b1${line}` },
      attachments: [{ fileName: `errors${line}.csv`, contentType: 'text/csv', content: Buffer.from('line\r\n') }],
    },
    FROM,
  )
  const mail = await simpleParser(content)
  expect([mail.bcc, mail.text?.trim(), mail.attachments.length]).toEqual([undefined, 'All is well.', 1])
  expect(String(content)).not.toMatch(/^bcc:/im)
})

test('an address that is refused for good is told apart from one that may be tried again', async () => {
  mailbox = await startMailbox({ refuse: { 'it@example.edu': 550, 'registrar@example.edu': 451 } })
  const notifier = smtpNotifier(mailbox.url, FROM)
  const delivery = await notifier.send(message)
  notifier.close()
  expect(delivery.accepted).toEqual([])
  expect(delivery.rejected).toMatchObject([
    { address: 'registrar@example.edu', final: false },
    { address: 'it@example.edu', final: true },
  ])
})

test('one refused address does not keep the message from the others', async () => {
  mailbox = await startMailbox({ refuse: { 'it@example.edu': 550 } })
  const notifier = smtpNotifier(mailbox.url, FROM)
  const delivery = await notifier.send(message)
  notifier.close()
  expect(delivery).toMatchObject({
    accepted: ['registrar@example.edu'],
    rejected: [{ address: 'it@example.edu', final: true }],
  })
  expect(mailbox.mails).toHaveLength(1)
})

test('a mail server that is not there rejects, so that the message is tried again', async () => {
  mailbox = await startMailbox()
  const { url } = mailbox
  await mailbox.stop()
  mailbox = undefined
  const notifier = smtpNotifier(url, FROM)
  await expect(notifier.send(message)).rejects.toThrow('ECONNREFUSED')
  notifier.close()
})

test('without a mail server each message is a whole .eml file', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'rosterport-mail-')), 'outbox')
  await folderNotifier(folder, FROM).send(message)
  const [name, ...more] = await readdir(folder)
  expect(more).toEqual([])
  expect(name).toMatch(/^\d{4}-.*\.eml$/)
  const parsed = await simpleParser(await readFile(join(folder, name as string)))
  expect(parsed).toMatchObject({ subject: message.subject, messageId: '<one@rosterport>' })
})

test('a message that could not be written whole leaves nothing once it is written', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'rosterport-mail-')), 'outbox')
  const begun = join(folder, '._one_rosterport_')
  await mkdir(begun, { recursive: true })
  await expect(folderNotifier(folder, FROM).send(message)).rejects.toThrow('EISDIR')
  await rmdir(begun)
  await writeFile(begun, 'half')
  await folderNotifier(folder, FROM).send(message)
  expect(await readdir(folder)).toEqual([expect.stringMatching(/\.eml$/)])
})

test('a message that is too large for the server is told apart from a server that cannot be asked', async () => {
  mailbox = await startMailbox({ mostBytes: 3_000 })
  const notifier = smtpNotifier(mailbox.url, FROM)
  const large = { fileName: 'errors.csv', contentType: 'text/csv', content: Buffer.alloc(5_000, 'x') }
  await expect(notifier.send({ ...message, attachments: [large] })).rejects.toThrow(MessageRefused)
  expect((await notifier.send({ ...message, attachments: [] })).accepted).toEqual(message.to)
  notifier.close()
})
