import { z } from 'zod'
import { done, file, json, type Operation } from './operation.ts'

const readiness = z.object({ status: z.string(), parts: z.record(z.string(), z.string()) })

/** The service itself. */
export const SERVICE_OPERATIONS: Record<string, Operation> = {
  'GET /healthz': {
    tag: 'Service',
    summary: 'Whether the process answers',
    open: true,
    answers: { 200: json('It does.', z.object({ status: z.literal('alive') })) },
  },
  'GET /readyz': {
    tag: 'Service',
    summary: 'Whether each part can do its work',
    open: true,
    answers: {
      200: json('All can, or `degraded`: pages and imports work, and the part says what does not.', readiness),
      503: json('One or more cannot.', readiness),
    },
  },
  'GET /metrics': {
    tag: 'Service',
    summary: 'Figures for Prometheus',
    description:
      'For owners, with a token. Without one for a collector on this machine, where PUBLIC_URL is of this machine too.',
    answers: { 200: file('In the text format of Prometheus.', 'text/plain'), 403: done('Not an owner.') },
  },
  'GET /openapi.json': {
    tag: 'Service',
    summary: 'This document',
    open: true,
    answers: { 200: json('OpenAPI 3.1.', z.record(z.string(), z.unknown())) },
  },
}
