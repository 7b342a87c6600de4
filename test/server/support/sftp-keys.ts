import ssh2 from 'ssh2'

/** An Ed25519 key pair. Now and then ssh2 makes one that it cannot read itself; such a one is of no use. */
export function ed25519Keys(): { private: string; public: string } {
  for (;;) {
    const keys = ssh2.utils.generateKeyPairSync('ed25519')
    if (!(ssh2.utils.parseKey(keys.private) instanceof Error)) return keys
  }
}
