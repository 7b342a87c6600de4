import { Hono } from 'hono'
import { fileHeadOf } from '../ingest/file-head.ts'
import { unmappedFields } from '../model/import-settings.ts'
import { unfinishedRun } from '../store/run-history.ts'
import { currentSettings } from '../store/settings.ts'
import { attachment } from './attachment.ts'
import { frameOf } from './frame.ts'
import type { PageParts } from './page-parts.ts'
import { ColumnsOf, manualImportPage, wantedColumns } from './pages/manual-import.tsx'
import type { Signed } from './signed.ts'

export function manualImportPages(parts: PageParts) {
  const { db } = parts
  const path = '/teams/:team/manual-import'
  return new Hono<Signed>()
    .get(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const settings = await currentSettings(db, team.id)
      const ready = unmappedFields(settings).length === 0
      const going = (await unfinishedRun(db, team.id)) !== null
      return c.html(manualImportPage(await frameOf(c, parts, team), { team, settings, ready, going }))
    })
    .post(`${path}/columns`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const settings = await currentSettings(db, team.id)
      const head = await fileHeadOf(Buffer.from(await c.req.arrayBuffer()), settings.file)
      return c.html(ColumnsOf({ view: { team, settings }, head }))
    })
    .get(`${path}/template`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const settings = await currentSettings(db, team.id)
      const tab = settings.file.delimiter === 'tab'
      const header = wantedColumns(settings).map(({ column }) => (tab ? column : quotedIfNeeded(column)))
      const fileName = `${settings.file.namePrefix || 'contacts'}.${tab ? 'tsv' : 'csv'}`
      return c.body(`${header.join(tab ? '\t' : ',')}\r\n`, 200, {
        'Content-Type': tab ? 'text/tab-separated-values; charset=utf-8' : 'text/csv; charset=utf-8',
        'Content-Disposition': attachment(fileName),
      })
    })
}

function quotedIfNeeded(column: string): string {
  return /[",\r\n]/.test(column) ? `"${column.replaceAll('"', '""')}"` : column
}
