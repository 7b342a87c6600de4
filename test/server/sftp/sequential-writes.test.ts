import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SequentialWrites } from '../../../server/sftp/sequential-writes.ts'

const MEBIBYTE = 1 << 20

test('pieces in any order come out as the content', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 30 }),
      fc.nat(),
      (pieces, seed) => {
        const content = Buffer.concat(pieces)
        let at = 0
        const writes = pieces.map((piece) => {
          const offset = at
          at += piece.length
          return { offset, data: Buffer.from(piece) }
        })
        const order = new SequentialWrites()
        const shuffled = writes
          .map((write, index) => ({ write, key: ((index + 1) * (seed + 7919)) % 1009 }))
          .sort((a, b) => a.key - b.key)
        const taken = shuffled.flatMap(({ write }) => order.take(write.offset, write.data))
        expect(Buffer.concat(taken).equals(content)).toBe(true)
        expect(order.complete).toBe(true)
      },
    ),
  )
})

test('a file is not complete while a piece in front is missing', () => {
  const order = new SequentialWrites()
  expect(order.take(5, Buffer.from('later'))).toEqual([])
  expect(order.complete).toBe(false)
})

test('what waits is bounded in bytes and in pieces', () => {
  const bytes = new SequentialWrites()
  for (let at = 1; at <= 3; at += 1) bytes.take(at * MEBIBYTE, Buffer.alloc(MEBIBYTE - 1))
  expect(() => bytes.take(4 * MEBIBYTE, Buffer.alloc(MEBIBYTE))).toThrow('cannot be resumed')
  const pieces = new SequentialWrites()
  for (let at = 1; at <= 1024; at += 1) pieces.take(at, Buffer.alloc(1))
  expect(() => pieces.take(1025, Buffer.alloc(1))).toThrow('cannot be resumed')
})

test('bytes that were taken cannot be written again', () => {
  const order = new SequentialWrites()
  order.take(0, Buffer.from('abc'))
  expect(() => order.take(2, Buffer.from('x'))).toThrow('Rewriting sent bytes')
})
