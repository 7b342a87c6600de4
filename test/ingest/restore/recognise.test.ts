import { expect, test } from 'vitest'
import { recognise } from '../../../model/upload.ts'

const CHANGED = new Date('2026-11-22T15:00:00.123Z')
const known = { identity: { device: 1n, inode: 2n, bytes: 3 }, changedAt: CHANGED, bytes: 3, sha256: 'ab' }
const seen = { identity: known.identity, changedAt: CHANGED }
const later = new Date(CHANGED.getTime() + 1)

const cases: [title: string, known: object, seen: object, answer: string][] = [
  ['as it was left', {}, {}, 'same'],
  ['on a device of another number', {}, { identity: { device: 9n, inode: 2n, bytes: 3 } }, 'same'],
  ['with another inode', {}, { identity: { device: 1n, inode: 9n, bytes: 3 } }, 'by_hash'],
  ['changed since', {}, { changedAt: later }, 'by_hash'],
  ['of another size', {}, { identity: { device: 1n, inode: 2n, bytes: 4 } }, 'other'],
  ['whose last change nobody has looked at', { changedAt: null }, {}, 'same'],
  [
    'of another device whose last change nobody has looked at',
    { changedAt: null },
    { identity: { device: 9n, inode: 2n, bytes: 3 } },
    'by_hash',
  ],
  ['changed since, whose bytes nobody has read', { sha256: null }, { changedAt: later }, 'same'],
  [
    'with another inode, whose bytes nobody has read',
    { sha256: null },
    { identity: { device: 1n, inode: 9n, bytes: 3 } },
    'other',
  ],
  ['of an upload without an identity', { identity: null }, {}, 'by_hash'],
]
for (const [title, changedKnown, changedSeen, answer] of cases)
  test(`a file ${title}: ${answer}`, () =>
    expect(recognise({ ...known, ...changedKnown }, { ...seen, ...changedSeen })).toBe(answer))
