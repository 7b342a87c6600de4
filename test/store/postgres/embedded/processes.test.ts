import { expect, test } from 'vitest'
import { parseServerNote } from '../../../../store/postgres/embedded/processes.ts'

const cases = [
  {
    title: 'a server that is ready',
    text: '4711\n/data\n1700000000\n5432\n/tmp/s\n\n 123 4\nready   \n',
    note: { pid: 4711, socketFolder: '/tmp/s', status: 'ready' },
  },
  {
    title: 'a server that begins',
    text: '4711\n/data\n1700000000\n5432\n',
    note: { pid: 4711, socketFolder: null, status: '' },
  },
  { title: 'a single-user server', text: '-4711\n/data\n', note: { pid: 4711, socketFolder: null, status: '' } },
  { title: 'an empty file', text: '', note: null },
  { title: 'zeros of a power cut', text: '\0\0\0\0', note: null },
  { title: 'process 0', text: '0\n', note: null },
]
for (const { title, text, note } of cases)
  test(`${title} is read from postmaster.pid`, () => expect(parseServerNote(text)).toEqual(note))
