import { readFileSync } from 'node:fs'
import { Marked, type Tokens } from 'marked'
import { escaped } from '../../ingest/telling/escaped.ts'

/** Beside the code, in the source and in the build. */
const ROOT = new URL('../../', import.meta.url)

/** What people read here, by the last part of its address; the titles are those of the documents. */
export const HELP = {
  administrators: 'docs/administrators.md',
  'file-format': 'docs/file-format.md',
  'sis-engineers': 'docs/sis-engineers.md',
  operations: 'docs/operations.md',
  scaling: 'docs/scaling.md',
  security: 'docs/security.md',
  readme: 'README.md',
} as const

/** The size of a PNG picture stands at the head of its first chunk, in big-endian numbers of 32 bits. */
const PNG_WIDTH_AT = 16

export type HelpName = keyof typeof HELP

export interface HelpDocument {
  name: HelpName
  title: string
  /** The text below the title, as HTML. */
  html: string
}

/** The Markdown documents of the project, as pages: administrators have no repository. */
export function helpDocuments(): HelpDocument[] {
  return (Object.keys(HELP) as HelpName[]).map((name) => {
    const text = readFileSync(new URL(HELP[name], ROOT), 'utf8')
    const [first = '', ...rest] = text.split('\n')
    return { name, title: first.replace(/^# /, ''), html: htmlOf(rest.join('\n'), HELP[name]) }
  })
}

export function helpImage(fileName: string): Buffer | null {
  if (!/^[\w-]+\.png$/.test(fileName)) return null
  try {
    return readFileSync(new URL(`docs/images/${fileName}`, ROOT))
  } catch {
    return null
  }
}

function htmlOf(markdown: string, path: string): string {
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }: Tokens.Heading) {
        const html = this.parser.parseInline(tokens)
        return `<h${depth} id="${anchorOf(html)}">${html}</h${depth}>\n`
      },
      link({ href, tokens }: Tokens.Link) {
        const html = this.parser.parseInline(tokens)
        const to = addressOf(href, path)
        return to === null ? html : `<a href="${to}">${html}</a>`
      },
      image({ href, text }: Tokens.Image) {
        const fileName = new URL(href, `http://here/${path}`).pathname.replace(/^.*\//, '')
        const image = helpImage(fileName)
        // With its size the text below does not move when it comes.
        const size = image
          ? ` width="${image.readUInt32BE(PNG_WIDTH_AT)}" height="${image.readUInt32BE(PNG_WIDTH_AT + 4)}"`
          : ''
        return `<img src="/help/images/${fileName}" alt="${text}"${size}>`
      },
      code({ text, escaped: isEscaped }: Tokens.Code) {
        return `<pre tabindex="0"><code>${isEscaped ? text : escaped(text)}</code></pre>\n`
      },
      table({ header, rows }: Tokens.Table) {
        const cells = (row: Tokens.TableCell[], tag: string) =>
          `<tr>${row.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('')}</tr>`
        const head = header.some(({ text }) => text !== '') ? `<thead>${cells(header, 'th')}</thead>` : ''
        return `<div class="tw" tabindex="0"><table class="tbl">${head}<tbody>${rows
          .map((row) => cells(row, 'td'))
          .join('')}</tbody></table></div>\n`
      },
    },
  })
  return marked.parse(markdown, { async: false })
}

/** As GitHub makes them, so that one link serves both. */
function anchorOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .toLowerCase()
    .replace(/&\w+;/g, '')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
}

/** Where a link of a document leads from its page; null where there is nothing to see without the repository. */
function addressOf(href: string, from: string): string | null {
  if (/^https?:/.test(href)) return href
  const { pathname, hash } = new URL(href, `http://here/${from}`)
  const name = (Object.keys(HELP) as HelpName[]).find((known) => `/${HELP[known]}` === pathname)
  return name ? `/help/${name}${hash}` : null
}
