import { chmod, cp } from 'node:fs/promises'

// The compiler emits code alone; the browser's files are beside it.
const project = new URL('../', import.meta.url)
await cp(new URL('web/ui/assets/', project), new URL('dist/web/ui/assets/', project), { recursive: true })
// The pages under /help.
await cp(new URL('docs/', project), new URL('dist/docs/', project), { recursive: true })
await cp(new URL('README.md', project), new URL('dist/README.md', project))
// The command `rosterport` is this file.
await chmod(new URL('dist/main.js', project), 0o755)
