import type { EndpointName } from '../model/upload.ts'

/** One way for a student information system to upload files. */
export interface Endpoint {
  readonly name: EndpointName
  /** Starts listening; answers where, as `host:port`. */
  start(): Promise<string>
  /** Refuses new sessions, lets transfers in progress end, then returns. */
  stop(): Promise<void>
}
