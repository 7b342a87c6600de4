import { isIP } from 'node:net'
import { getConnInfo } from '@hono/node-server/conninfo'
import { type Context, Hono } from 'hono'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { roomOf } from '../../files/storage-guard.ts'
import type { Figures } from '../../store/metric-figures.ts'
import { figures } from '../../store/metric-figures.ts'
import type { Wall } from '../../store/postgres/row-security.ts'
import { type AnyRequest, requireOwner, type SignedInRequest } from '../http/request-context.ts'
import { TeamMetrics } from './team-metrics.ts'

/** Metrics for Prometheus: those of this process, and counts from the database for all processes. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #wall: Wall
  readonly #uploads
  readonly #runs
  readonly #records
  readonly #slots
  readonly #mails
  readonly #waiting
  readonly #sinceImport
  readonly #teams
  #last: Promise<unknown> = Promise.resolve()

  /** `space` is that of the disk that holds the teams. */
  constructor(wall: Wall, space: () => Promise<{ freeBytes: number; totalBytes: number }>) {
    this.#wall = wall
    const registers = [this.#registry]
    // Among them the lag of the event loop, memory and open descriptors.
    collectDefaultMetrics({ register: this.#registry })
    const of = (name: string, help: string, labelNames: string[]) =>
      new Counter({ name: `rosterport_${name}`, help, labelNames, registers })
    this.#uploads = of('uploads_total', 'Uploads by source and state', ['source', 'state'])
    this.#runs = new Gauge({
      name: 'rosterport_runs',
      help: 'Runs by state; queued and running are still to do',
      labelNames: ['state'],
      registers,
    })
    this.#records = of('records_total', 'Records of imported batches by outcome', ['outcome'])
    this.#slots = of('slots_total', 'Daily windows by result', ['state'])
    this.#mails = new Gauge({
      name: 'rosterport_mails',
      help: 'Mails by state; queued and waiting are in the outbox',
      labelNames: ['state'],
      registers,
    })
    new Gauge({
      name: 'rosterport_disk_bytes',
      help: 'Bytes of the disk that holds the teams: free, kept (uploads stop when no more is free) and total',
      labelNames: ['part'],
      registers,
      async collect() {
        const found = await space().catch(() => null)
        this.reset()
        if (!found) return
        const { freeBytes, keptBytes } = roomOf(found)
        this.set({ part: 'free' }, freeBytes)
        this.set({ part: 'kept' }, keptBytes)
        this.set({ part: 'total' }, found.totalBytes)
      },
    })
    this.#waiting = new Gauge({
      name: 'rosterport_runs_waiting_for_room',
      help: 'Queued runs that wait until the disk of the database has room',
      registers,
    })
    this.#sinceImport = new Gauge({
      name: 'rosterport_last_import_age_seconds',
      help: 'Seconds since the last batch of a team was imported; no value for a team without any',
      labelNames: ['team'],
      registers,
    })
    this.#teams = new TeamMetrics(registers)
  }

  /** In the text format of Prometheus. */
  text(): Promise<{ type: string; body: string }> {
    // One after the other: each fills the same registry anew.
    const text = this.#last.then(() => this.#text())
    this.#last = text.catch(() => {})
    return text
  }

  async #text(): Promise<{ type: string; body: string }> {
    await this.#take(await this.#wall.within('all', () => figures(this.#wall.db)))
    return { type: this.#registry.contentType, body: await this.#registry.metrics() }
  }

  async #take(found: Figures): Promise<void> {
    for (const metric of [this.#uploads, this.#runs, this.#records, this.#slots, this.#mails, this.#sinceImport])
      metric.reset()
    for (const source of SOURCES) for (const state of ENDS) this.#uploads.inc({ source, state }, 0)
    for (const { source, state, count } of found.uploads) this.#uploads.inc({ source, state }, count)
    // 0 instead of missing, so that an alert can be written before the first event.
    for (const state of ['queued', 'running']) this.#runs.set({ state }, 0)
    for (const { state, count } of found.runs) this.#runs.set({ state }, count)
    for (const [outcome, count] of Object.entries(found.records)) this.#records.inc({ outcome }, count)
    this.#slots.inc({ state: 'missed' }, 0)
    for (const { state, count } of found.slots) this.#slots.inc({ state }, count)
    for (const state of ['queued', 'failed']) this.#mails.set({ state }, 0)
    for (const { state, count } of found.mails) this.#mails.set({ state }, count)
    this.#waiting.set(found.runsWaiting)
    await this.#teams.take(found)
    for (const { team, seconds } of found.lastImports) if (seconds !== null) this.#sinceImport.set({ team }, seconds)
  }
}

const SOURCES = ['ftp', 'ftps', 'sftp', 'manual', 'host']
/** How an upload ended; one that found no room counts apart from one that was interrupted. */
const ENDS = ['ready', 'incomplete', 'disk_full', 'quota']

/** For a collector on this machine, if the service is not public. Other requests go on to the sign-in. */
export function localMetricsRoutes(metrics: Metrics, publicUrl: URL) {
  return new Hono<AnyRequest>().get('/metrics', async (c, next) => {
    if (!isLocal(c, publicUrl)) return next()
    return answer(c, metrics)
  })
}

/** For owners: from anywhere, with a token. */
export function metricsRoutes(metrics: Metrics) {
  return new Hono<SignedInRequest>().get('/metrics', (c) => {
    requireOwner(c)
    return answer(c, metrics)
  })
}

async function answer(c: Context, metrics: Metrics): Promise<Response> {
  const { type, body } = await metrics.text()
  return c.body(body, 200, { 'Content-Type': type })
}

/** A proxy on this machine also connects from a loopback address; then PUBLIC_URL or the Host header has another name. */
function isLocal(c: Context, publicUrl: URL): boolean {
  const host = `http://${c.req.header('Host')}`
  return (
    isLoopback(publicUrl.hostname) &&
    isLoopback(getConnInfo(c).remote.address ?? '') &&
    URL.canParse(host) &&
    isLoopback(new URL(host).hostname) &&
    !['Forwarded', 'X-Forwarded-For', 'Via'].some((header) => c.req.header(header) !== undefined) &&
    c.req.header('Authorization') === undefined
  )
}

function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').replace(/^::ffff:/, '')
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}
