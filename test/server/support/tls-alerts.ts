import { createCipheriv, createHmac } from 'node:crypto'

/** Alerts of TLS 1.3 (RFC 8446 6.1) that close a connection. */
export const CLOSE_NOTIFY = 0
export const USER_CANCELED = 90

/**
 * The record in which a client warns of this, `number` records after its handshake, under TLS_AES_128_GCM_SHA256; `secret`
 * is its `CLIENT_TRAFFIC_SECRET_0`, which the event `keylog` tells (RFC 8446 5.2 and 7.3).
 */
export function alertRecord(secret: Buffer, number: number, alert: number): Buffer {
  const key = expand(secret, 'key', 16)
  const nonce = expand(secret, 'iv', 12)
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ number) >>> 0, 8)
  const warning = Buffer.from([1, alert, 21])
  const header = Buffer.from([23, 3, 3, 0, warning.length + 16])
  const cipher = createCipheriv('aes-128-gcm', key, nonce).setAAD(header)
  return Buffer.concat([header, cipher.update(warning), cipher.final(), cipher.getAuthTag()])
}

/** HKDF-Expand-Label of one block, RFC 8446 7.1. */
function expand(secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`)
  const info = Buffer.concat([Buffer.from([0, length, name.length]), name, Buffer.from([0, 1])])
  return createHmac('sha256', secret).update(info).digest().subarray(0, length)
}
