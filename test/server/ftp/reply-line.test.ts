import { expect, test } from 'vitest'
import { replyLine } from '../../../server/ftp/control/reply-line.ts'

const cases = [
  { title: 'a sentence is left as it is', text: 'Transfer complete.', line: 'Transfer complete.' },
  { title: 'a line break forges no reply', text: 'a\r\n230 in\u0000.csv', line: 'a 230 in .csv' },
  { title: '506 bytes are a line', text: 'x'.repeat(506), line: 'x'.repeat(506) },
  { title: '507 bytes are cut', text: 'x'.repeat(507), line: `${'x'.repeat(503)}...` },
  { title: 'no letter is cut in half', text: 'é'.repeat(300), line: `${'é'.repeat(251)}...` },
]
for (const { title, text, line } of cases)
  test(title, () => {
    expect(replyLine(text)).toBe(line)
    expect(Buffer.byteLength(`226 ${replyLine(text)}\r\n`)).toBeLessThanOrEqual(512)
  })
