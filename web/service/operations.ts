import { z } from 'zod'
import { file, json, type Operations, OWNERS_ONLY } from '../openapi/operation.ts'

const readiness = z.object({
  status: z
    .string()
    .describe(
      '`ready` if all parts are ready, `degraded` if pages and imports work but a part does not, `not ready` otherwise.',
    ),
  parts: z
    .record(z.string(), z.string())
    .describe('For each part, by its name: `ready`, `not ready`, or what does not work.'),
})

export const serviceOperations: Operations = {
  'GET /healthz': {
    tag: 'Service',
    summary: 'Liveness: does the process respond?',
    open: true,
    answers: { 200: json('Yes.', z.object({ status: z.literal('alive').describe('Always `alive`.') })) },
  },
  'GET /readyz': {
    tag: 'Service',
    summary: 'Readiness: can each part do its work?',
    open: true,
    answers: {
      200: json('All parts are ready, or the service is degraded.', readiness),
      503: json('A part is not ready.', readiness),
    },
  },
  'GET /metrics': {
    tag: 'Service',
    summary: 'Metrics for Prometheus',
    description:
      'For owners, with a token. A collector on the same machine needs no token if PUBLIC_URL is a loopback address.',
    answers: { 200: file('In the text format of Prometheus.', 'text/plain'), 403: OWNERS_ONLY },
  },
  'GET /openapi.json': {
    tag: 'Service',
    summary: 'This document',
    open: true,
    answers: { 200: json('OpenAPI 3.1.', z.record(z.string(), z.unknown())) },
  },
}
