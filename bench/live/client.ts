import { request } from 'node:http'

/** Opens live pages and reads what comes, in a process of its own; prints `open` when each has got its first part. */
const { base, cookie, paths } = JSON.parse(process.argv[2] ?? '') as { base: string; cookie: string; paths: string[] }

for (const path of paths) {
  await new Promise<void>((resolve, reject) => {
    request(base + path, { headers: { cookie, accept: 'text/event-stream' }, agent: false }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${path} answered ${answer.statusCode}`))
      answer.once('data', () => resolve()).resume()
      answer.on('end', () => process.exit(1))
    })
      .on('error', reject)
      .end()
  })
}
process.stdout.write('open\n')
