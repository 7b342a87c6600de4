import { expect, test } from 'vitest'
import { mailTroubleWords } from '../../notify/mail-trouble.ts'

const cases = [
  { error: 'connect ECONNREFUSED 192.0.2.1:25', words: 'the mail server refuses connections' },
  { error: 'getaddrinfo ENOTFOUND mail.example.edu', words: 'the name of the mail server cannot be found' },
  { error: 'Connection timeout', words: 'the mail server does not answer' },
  { error: 'Invalid login: 535 5.7.8 Error', words: 'the mail server refuses the user or the password' },
  { error: 'unable to verify the first certificate', words: 'no TLS connection to the mail server' },
  {
    error: 'Message failed: 452 <ann@example.edu> at mx1.example.edu [192.0.2.7]:25 (2001:db8::7): over quota',
    words: 'the mail server said: Message failed: 452 … at … … (…): over quota',
  },
]
for (const { error, words } of cases)
  test(`"${error}" is told as "${words}"`, () => {
    expect(mailTroubleWords(error)).toBe(words)
  })
