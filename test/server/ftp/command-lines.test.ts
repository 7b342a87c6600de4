import { expect, test } from 'vitest'
import { LineSplitter } from '../../../server/ftp/control/command-lines.ts'
import { parseCommand } from '../../../server/ftp/control/command-table.ts'

function lines(...chunks: (string | Buffer)[]): (string | null)[] {
  const splitter = new LineSplitter()
  const found: (string | null)[] = []
  for (const chunk of chunks) {
    splitter.push(Buffer.from(chunk))
    for (let line = splitter.next(); line !== undefined; line = splitter.next()) found.push(line)
  }
  return found
}

const cases: { title: string; chunks: (string | Buffer)[]; found: (string | null)[] }[] = [
  { title: 'a line in one piece', chunks: ['NOOP\r\n'], found: ['NOOP'] },
  { title: 'a line in three pieces', chunks: ['US', 'ER a\r', '\n'], found: ['USER a'] },
  { title: 'lines joined', chunks: ['USER a\r\nPASS b\r\n'], found: ['USER a', 'PASS b'] },
  { title: 'bare line feeds', chunks: ['A\nB\n'], found: ['A', 'B'] },
  { title: 'a line without an end', chunks: ['NOOP'], found: [] },
  { title: 'a carriage return inside a line stays', chunks: ['MKD a\rb\r\n'], found: ['MKD a\rb'] },
  { title: 'a line too long in one piece', chunks: [`${'x'.repeat(5000)}\r\nNOOP\r\n`], found: [null, 'NOOP'] },
  { title: 'a line too long in pieces', chunks: ['x'.repeat(5000), 'y', '\r\nNOOP\r\n'], found: [null, 'NOOP'] },
  { title: 'telnet signals before ABOR', chunks: [Buffer.from('\xff\xf4\xff\xf2ABOR\r\n', 'latin1')], found: ['ABOR'] },
  {
    title: 'a telnet signal whose mark went out of band',
    chunks: [Buffer.from('\xff\xf4\xffABOR\r\n', 'latin1')],
    found: ['ABOR'],
  },
  {
    title: 'a telnet mark alone, whose IAC went out of band',
    chunks: [Buffer.from('\xff\xf4\xf2ABOR\r\nNOOP\r\n', 'latin1')],
    found: ['ABOR', 'NOOP'],
  },
  { title: 'a telnet mark and nothing else', chunks: [Buffer.from('\xf2ABOR\r\n', 'latin1')], found: ['ABOR'] },
  { title: 'a line too long whose end never comes', chunks: ['x'.repeat(5000), 'x'.repeat(5000)], found: [null] },
  { title: 'a line of four-byte UTF-8', chunks: ['\u{c0000}\r\n'], found: ['\u{c0000}'] },
  { title: 'a telnet negotiation', chunks: [Buffer.from('\xff\xfb\x01NOOP\r\n', 'latin1')], found: ['NOOP'] },
  { title: 'UTF-8', chunks: ['MKD é\r\n'], found: ['MKD é'] },
  { title: 'Latin-1', chunks: [Buffer.from('MKD é\r\n', 'latin1')], found: ['MKD é'] },
]
for (const { title, chunks, found } of cases)
  test(`${title}`, () => {
    expect(lines(...chunks)).toEqual(found)
  })

const commands = [
  { line: 'stor a.csv', verb: 'STOR', argument: 'a.csv' },
  { line: 'STOR  two ', verb: 'STOR', argument: ' two ' },
  { line: 'MKD "q"', verb: 'MKD', argument: '"q"' },
  { line: 'PASS ', verb: 'PASS', argument: '' },
  { line: 'NOOP', verb: 'NOOP', argument: '' },
  { line: '', verb: '', argument: '' },
]
for (const { line, verb, argument } of commands)
  test(`"${line}" is ${verb} of "${argument}"`, () => {
    expect(parseCommand(line)).toEqual({ verb, argument })
  })
