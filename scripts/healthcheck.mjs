// Asks the service in this container whether it is alive; the exit code is the answer.
const tls = process.env.HTTP_TLS_CERT || process.env.HTTP_TLS_CERT_FILE
// The certificate names the outside, not this loopback address.
if (tls) process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
const url = `${tls ? 'https' : 'http'}://127.0.0.1:${process.env.HTTP_PORT || 8080}/healthz`
const alive = await fetch(url).then(
  (answer) => answer.ok,
  () => false,
)
process.exit(alive ? 0 : 1)
