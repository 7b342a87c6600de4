/**
 * MurmurHash3_x86_128 by Austin Appleby (public domain), as in SMHasher. The x86 variant works in 32-bit steps, which
 * JavaScript does natively: it is faster here than WebAssembly or native code, which need a call for each record.
 */
export class MurmurHash {
  /** The 128 bits of the last hash, lowest first. */
  readonly words = new Int32Array(4)

  /** Written out: with a function for each step V8 does not inline all of them, and a file is hashed record by record. */
  hash(bytes: Uint8Array, start: number, end: number, seed: number): void {
    const length = end - start
    const blocks = start + (length & ~15)
    let h1 = seed | 0
    let h2 = h1
    let h3 = h1
    let h4 = h1
    let at = start
    for (; at < blocks; at += 16) {
      let k = Math.imul(word(bytes, at), C1)
      k = (k << 15) | (k >>> 17)
      h1 ^= Math.imul(k, C2)
      h1 = (h1 << 19) | (h1 >>> 13)
      h1 = (Math.imul((h1 + h2) | 0, 5) + 0x561ccd1b) | 0
      k = Math.imul(word(bytes, at + 4), C2)
      k = (k << 16) | (k >>> 16)
      h2 ^= Math.imul(k, C3)
      h2 = (h2 << 17) | (h2 >>> 15)
      h2 = (Math.imul((h2 + h3) | 0, 5) + 0x0bcaa747) | 0
      k = Math.imul(word(bytes, at + 8), C3)
      k = (k << 17) | (k >>> 15)
      h3 ^= Math.imul(k, C4)
      h3 = (h3 << 15) | (h3 >>> 17)
      h3 = (Math.imul((h3 + h4) | 0, 5) + 0x96cd1c35) | 0
      k = Math.imul(word(bytes, at + 12), C4)
      k = (k << 18) | (k >>> 14)
      h4 ^= Math.imul(k, C1)
      h4 = (h4 << 13) | (h4 >>> 19)
      h4 = (Math.imul((h4 + h1) | 0, 5) + 0x32ac3b17) | 0
    }
    let k1 = 0
    let k2 = 0
    let k3 = 0
    let k4 = 0
    for (let rest = (length & 15) - 1; rest >= 0; rest--) {
      const byte = (bytes[at + rest] as number) << ((rest & 3) << 3)
      if (rest >= 12) k4 |= byte
      else if (rest >= 8) k3 |= byte
      else if (rest >= 4) k2 |= byte
      else k1 |= byte
    }
    k4 = Math.imul(k4, C4)
    h4 ^= Math.imul((k4 << 18) | (k4 >>> 14), C1)
    k3 = Math.imul(k3, C3)
    h3 ^= Math.imul((k3 << 17) | (k3 >>> 15), C4)
    k2 = Math.imul(k2, C2)
    h2 ^= Math.imul((k2 << 16) | (k2 >>> 16), C3)
    k1 = Math.imul(k1, C1)
    h1 ^= Math.imul((k1 << 15) | (k1 >>> 17), C2)
    h1 ^= length
    h2 ^= length
    h3 ^= length
    h4 ^= length
    h1 = (h1 + h2 + h3 + h4) | 0
    h2 = mixed((h2 + h1) | 0)
    h3 = mixed((h3 + h1) | 0)
    h4 = mixed((h4 + h1) | 0)
    h1 = mixed(h1)
    h1 = (h1 + h2 + h3 + h4) | 0
    const { words } = this
    words[0] = h1
    words[1] = h2 + h1
    words[2] = h3 + h1
    words[3] = h4 + h1
  }
}

const C1 = 0x239b961b
const C2 = 0xab0e9789
const C3 = 0x38b34ae5
const C4 = 0xa1e38b93

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}

/** The finalizer of MurmurHash3: each bit of the input changes each bit of the result with a chance of one half. */
export function mixed(hash: number): number {
  let h = hash ^ (hash >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
