import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Server } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { TLS_RULES } from '../../model/tls.ts'

export interface HttpServerOptions {
  /** `webApp(...)`. */
  app: { fetch: (request: Request, env: never) => Response | Promise<Response> }
  host: string
  /** 0 takes a free one. */
  port: number
  /** PEM, if the service speaks TLS itself. */
  tls: { cert: string; key: string } | null
  headersWithinMs?: number
  /** Applied before it listens: what a load balancer says of its clients. */
  behindProxy?: (server: Server) => void
}

export interface HttpServer {
  /** `host:port`, as it listens. */
  readonly address: string
  /** Stops accepting requests and waits for those in progress; after `graceMs` the rest is cut. */
  stop(graceMs?: number): Promise<void>
}

/** Time limit for the headers of a request. */
const HEADERS_WITHIN_MS = 30_000
/** How often Node looks for connections that are late; by default every 30 s. */
const LOOK_MS = 1000
const GRACE_MS = 3000

export async function startHttpServer({
  app,
  host,
  port,
  tls,
  headersWithinMs = HEADERS_WITHIN_MS,
  behindProxy,
}: HttpServerOptions): Promise<HttpServer> {
  // Bodies have their own limits, as the upload of a Manual Import may take hours.
  const limits = { headersTimeout: headersWithinMs, requestTimeout: 0, connectionsCheckingInterval: LOOK_MS }
  const tlsLimits = { ...limits, handshakeTimeout: headersWithinMs }
  const fetch = app.fetch as Parameters<typeof createAdaptorServer>[0]['fetch']
  const server = createAdaptorServer(
    tls
      ? { fetch, createServer: createHttpsServer, serverOptions: { ...tlsLimits, ...TLS_RULES, ...tls } }
      : { fetch, createServer: createHttpServer, serverOptions: limits },
  ) as ReturnType<typeof createHttpServer>
  behindProxy?.(server)
  let stopping = false
  // A connection that was busy at the stop stays open after its answer; without this we would wait for it.
  server.on('request', (_request, response) =>
    response.once('close', () => stopping && setImmediate(() => server.closeIdleConnections())),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('the HTTP server listens on a port')
  return {
    address: bound.family === 'IPv6' ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`,
    stop: async (graceMs = GRACE_MS) => {
      stopping = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      const cut = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearTimeout(cut)
    },
  }
}
