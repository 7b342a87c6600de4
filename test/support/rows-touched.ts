import type pg from 'pg'

interface PlanNode {
  'Actual Rows'?: number
  'Actual Loops'?: number
  Plans?: PlanNode[]
  [figure: string]: unknown
}

/** Dropped rows count as well as those passed on. */
const DROPPED = ['Rows Removed by Filter', 'Rows Removed by Join Filter', 'Rows Removed by Index Recheck']

/** Writes down, of each statement that runs on the pool from now on, how many rows the nodes of its plan touch. */
export class RowsTouched {
  #byStatement = new Map<string, number>()

  /** To be called before the pool has made its first connection. */
  constructor(pool: pg.Pool) {
    pool.on('connect', (client) => {
      client.on('notice', ({ message }) => this.#note(message ?? ''))
      client
        .query(`load 'auto_explain';
          set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on; set auto_explain.log_timing = off;
          set auto_explain.log_format = json; set auto_explain.log_level = notice;
          set auto_explain.log_nested_statements = on`)
        .catch(() => {})
    })
  }

  /** By statement, the rows touched since the last call. */
  take(): Map<string, number> {
    const taken = this.#byStatement
    this.#byStatement = new Map()
    return taken
  }

  #note(message: string): void {
    const begin = message.indexOf('plan:\n')
    if (begin === -1) return
    const { Plan: plan, 'Query Text': text } = JSON.parse(message.slice(begin + 'plan:\n'.length))
    const statement = text.replace(/\s+/g, ' ').trim()
    this.#byStatement.set(statement, (this.#byStatement.get(statement) ?? 0) + rowsOf(plan))
  }
}

function rowsOf(node: PlanNode): number {
  const each = DROPPED.reduce((sum, figure) => sum + Number(node[figure] ?? 0), node['Actual Rows'] ?? 0)
  return (node.Plans ?? []).reduce((sum, inner) => sum + rowsOf(inner), each * (node['Actual Loops'] ?? 1))
}
