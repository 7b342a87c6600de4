import type { ImportSettings, ImportSettingsBody } from '../model/import-settings.ts'
import type { Run } from '../model/run.ts'

/** The calls of the HTTP API that the demo makes, as a script of a customer would. */
export class DemoApi {
  readonly #base: string
  readonly #token: string

  constructor(base: string, token: string) {
    this.#base = base
    this.#token = token
  }

  /** True where it was made; false where it was there already. */
  async makeTeam(team: { team: string; name: string; timeZone: string }): Promise<boolean> {
    return (await this.#call('POST', '/api/teams', team, [201, 409])).status === 201
  }

  async saveSettings(team: string, body: ImportSettingsBody): Promise<void> {
    const path = `/api/teams/${team}/import-settings`
    const { version } = (await this.#json('GET', path)) as ImportSettings
    if (version === 0) await this.#call('PUT', path, { ...body, version }, [200])
  }

  async saveUsers(team: string, users: readonly { staffId: string; name: string; email: string }[]): Promise<void> {
    await this.#call('PUT', `/api/teams/${team}/users`, users)
  }

  /** A password for the account, which is made if there is none: passwords are shown once, so a second start asks for a new one. */
  async ftpPassword(team: string, username: string): Promise<string> {
    const accounts = `/api/teams/${team}/ftp-accounts`
    const made = await this.#call('POST', accounts, { username }, [201, 409])
    const shown =
      made.status === 201 ? made : await this.#call('POST', `${accounts}/${username}/password`, {}, [200, 201])
    return ((await shown.json()) as { password: string }).password
  }

  async runImport(team: string): Promise<{ runId: string }> {
    return (await this.#json('POST', '/run-import', { team })) as { runId: string }
  }

  async run(runId: string): Promise<Run> {
    return (await this.#json('GET', `/api/runs/${runId}`)) as Run
  }

  async errorFile(batchId: string): Promise<string> {
    return (await this.#call('GET', `/api/batches/${batchId}/errors.csv`)).text()
  }

  async #json(method: string, path: string, body?: unknown): Promise<unknown> {
    return (await this.#call(method, path, body)).json()
  }

  async #call(method: string, path: string, body?: unknown, expected = [200, 201, 202]): Promise<Response> {
    const response = await fetch(this.#base + path, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!expected.includes(response.status))
      throw new Error(`${method} ${path} was answered ${response.status}: ${await response.text()}`)
    return response
  }
}
