import { expect, test } from 'vitest'
import { MurmurHash } from '../../../../ingest/reading/unchanged/murmur-hash.ts'

/** The verification of SMHasher: keys of 0 to 255 bytes, their hashes hashed once more. */
test('hashes as MurmurHash3_x86_128 of SMHasher does', () => {
  const murmur = new MurmurHash()
  const hashed = (bytes: Uint8Array, start: number, end: number, seed: number) => {
    murmur.hash(bytes, start, end, seed)
    return Buffer.from(murmur.words.buffer.slice(0))
  }
  const key = Uint8Array.from({ length: 256 }, (_, index) => index)
  const hashes = Buffer.concat(Array.from({ length: 256 }, (_, length) => hashed(key, 0, length, 256 - length)))
  expect(hashed(hashes, 0, hashes.length, 0).readUInt32LE().toString(16)).toBe('b3ece62a')
})

test('a record within others has the hash that it has by itself', () => {
  const murmur = new MurmurHash()
  const text = Buffer.from('1001,Ann,Lee,716-555-0101,Y')
  murmur.hash(text, 0, text.length, 7)
  const alone = [...murmur.words]
  const within = Buffer.concat([Buffer.from('abc'), text, Buffer.from('defghij')])
  murmur.hash(within, 3, 3 + text.length, 7)
  expect([...murmur.words]).toEqual(alone)
})
