import type { ServerFacts } from '../ui/server-facts.ts'

export interface SettingsView {
  server: ServerFacts
  secondFactor: 'optional' | 'required'
}
