/**
 * How the service speaks TLS to clients of every protocol: with forward secrecy only, whatever the kind of the certificate. A
 * key that is stolen later opens nothing that was recorded. Node drops TLS 1.3 where its suites are not named.
 */
export const TLS_RULES = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    'ECDHE+AESGCM',
    'ECDHE+CHACHA20',
  ].join(':'),
  honorCipherOrder: true,
} as const
