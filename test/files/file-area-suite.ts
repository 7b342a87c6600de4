import { describe, expect, test } from 'vitest'
import type { FileArea, FileProblemKind } from '../../files/file-area.ts'
import { ROOT, type TeamPath, teamPath } from '../../model/team-path.ts'

/** What every FileArea promises; `make` gives an empty one. `copies`: a file gets its name on another disk, as a copy. */
export function fileAreaSuite(name: string, make: () => Promise<FileArea>, { copies = false } = {}): void {
  const put = async (area: FileArea, path: string, content: string) => {
    const pending = await area.receive()
    await pending.write(Buffer.from(content))
    await pending.seal()
    return pending.publish(teamPath(path))
  }
  const contentOf = async (area: FileArea, path: string, start?: number) => {
    const file = await area.open(teamPath(path))
    const chunks: Buffer[] = []
    for await (const chunk of file.read(start)) chunks.push(chunk)
    await file.close()
    return Buffer.concat(chunks).toString()
  }
  const namesIn = async (area: FileArea, folder: TeamPath) => {
    const names: string[] = []
    for await (const entry of area.list(folder)) names.push(`${entry.kind} ${entry.path}`)
    return names.sort()
  }
  const refused = (kind: FileProblemKind) => expect.objectContaining({ name: 'FileProblem', kind })

  describe(name, () => {
    test('a list of files alone leaves out the folders beside them', async () => {
      const area = await make()
      await put(area, '/a.csv', 'x')
      await area.makeFolder(teamPath('/b'))
      const names: string[] = []
      for await (const { path } of area.list(ROOT, 'files')) names.push(path)
      expect(names).toEqual(['/a.csv'])
    })

    test('an empty root can be listed', async () => {
      expect(await namesIn(await make(), ROOT)).toEqual([])
    })

    test('a pending file is seen only when it is published', async () => {
      const area = await make()
      const pending = await area.receive()
      await pending.write(Buffer.from('one'))
      expect(await namesIn(area, ROOT)).toEqual([])
      expect(await area.pending()).toEqual([pending.temporaryName])
      const identity = await pending.seal()
      const entry = await pending.publish(teamPath('/a.csv'))
      expect(entry).toMatchObject({ name: 'a.csv', path: '/a.csv', kind: 'file', bytes: 3 })
      if (!copies) expect(entry.identity).toEqual(identity)
      expect((await area.stat(entry.path)).identity).toEqual(entry.identity)
      expect(await namesIn(area, ROOT)).toEqual(['file /a.csv'])
      expect(await area.pending()).toEqual([])
    })

    test('a large file comes back byte for byte, and its open file can be read twice', async () => {
      const area = await make()
      const content = Array.from({ length: 300_000 }, (_, line) => `${line},Ann,Lee\n`).join('')
      const pending = await area.receive()
      for (let at = 0; at < content.length; at += 65_521)
        await pending.write(Buffer.from(content.slice(at, at + 65_521)))
      await pending.seal()
      await pending.publish(teamPath('/large.csv'))
      const file = await area.open(teamPath('/large.csv'))
      for (const start of [0, 1_000_000]) {
        const chunks: Buffer[] = []
        for await (const chunk of file.read(start)) chunks.push(chunk)
        expect(Buffer.concat(chunks).toString() === content.slice(start)).toBe(true)
      }
      await file.close()
    })

    test('an open file stays the same file when its name is given to another', async () => {
      const area = await make()
      await put(area, '/a.csv', 'old')
      const file = await area.open(teamPath('/a.csv'))
      await put(area, '/a.csv', 'new content')
      let text = ''
      for await (const chunk of file.read()) text += chunk.toString()
      await file.close()
      expect(text).toBe('old')
      expect(await contentOf(area, '/a.csv')).toBe('new content')
    })

    test('a discarded file leaves nothing, also when it is discarded twice or after sealing', async () => {
      const area = await make()
      const open = await area.receive()
      await open.write(Buffer.from('x'))
      const sealed = await area.receive()
      await sealed.seal()
      for (const pending of [open, sealed, open]) await pending.discard()
      expect(await area.pending()).toEqual([])
    })

    test('a sealed file is taken up again by its hidden name', async () => {
      const area = await make()
      const pending = await area.receive()
      await pending.write(Buffer.from('one'))
      await pending.seal()
      const resumed = await area.resume(pending.temporaryName)
      expect(resumed?.bytes).toBe(3)
      await resumed?.publish(teamPath('/a.csv'))
      expect(await contentOf(area, '/a.csv')).toBe('one')
      expect(await area.resume(pending.temporaryName)).toBeNull()
      expect(await area.resume('../a.csv')).toBeNull()
    })

    test('folders are made with those above them, and removed when they are empty', async () => {
      const area = await make()
      const folder = teamPath('/cadence/imports')
      await area.makeFolder(folder)
      await area.makeFolder(folder)
      await put(area, '/cadence/imports/a.csv', '1')
      await expect(area.removeFolder(folder)).rejects.toEqual(refused('not-empty'))
      await area.remove(teamPath('/cadence/imports/a.csv'))
      await area.removeFolder(folder)
      expect(await namesIn(area, teamPath('/cadence'))).toEqual([])
    })

    test('a move replaces only when it may', async () => {
      const area = await make()
      await put(area, '/a.csv', 'a')
      await put(area, '/b.csv', 'b')
      const [a, b] = [teamPath('/a.csv'), teamPath('/b.csv')]
      await expect(area.move(a, b, { replace: false })).rejects.toEqual(refused('already-exists'))
      expect([await contentOf(area, a), await contentOf(area, b)]).toEqual(['a', 'b'])
      await area.move(a, b, { replace: true })
      expect(await contentOf(area, b)).toBe('a')
      await area.move(b, a, { replace: false })
      expect(await namesIn(area, ROOT)).toEqual(['file /a.csv'])
    })

    test('of many moves to one name without replacing exactly one succeeds', async () => {
      const area = await make()
      const sources = Array.from({ length: 20 }, (_, index) => `/${index}.csv`)
      for (const source of sources) await put(area, source, source)
      const moves = await Promise.allSettled(
        sources.map((source) => area.move(teamPath(source), teamPath('/taken.csv'), { replace: false })),
      )
      expect(moves.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await namesIn(area, ROOT)).toHaveLength(20)
    })

    test('what is done to one very file spares another that came under its name', async () => {
      const area = await make()
      const [path, archived] = [teamPath('/a.csv'), teamPath('/archive/a.csv')]
      await area.makeFolder(teamPath('/archive'))
      const { identity } = await put(area, '/a.csv', 'older')
      const newer = await put(area, '/a.csv', 'newer')
      await expect(area.moveThis(path, identity, archived)).rejects.toEqual(refused('not-found'))
      await area.removeThis(path, identity)
      expect(await namesIn(area, ROOT)).toEqual(['file /a.csv', 'folder /archive'])
      expect(await contentOf(area, path)).toBe('newer')
      expect((await area.stat(path)).identity).toEqual(newer.identity)
      expect(await namesIn(area, teamPath('/archive'))).toEqual([])
      expect(await area.pending()).toEqual([])

      await put(area, '/archive/a.csv', 'taken')
      await expect(area.moveThis(path, newer.identity, archived)).rejects.toEqual(refused('already-exists'))
      await area.moveThis(path, newer.identity, teamPath('/archive/b.csv'))
      expect(await contentOf(area, teamPath('/archive/b.csv'))).toBe('newer')
      await area.removeThis(teamPath('/archive/b.csv'), newer.identity)
      await area.removeThis(teamPath('/archive/b.csv'), newer.identity)
      expect(await namesIn(area, ROOT)).toEqual(['folder /archive'])
      expect(await area.pending()).toEqual([])
    })

    test('a folder is moved with what is in it, never into itself', async () => {
      const area = await make()
      await area.makeFolder(teamPath('/old/in'))
      await put(area, '/old/in/a.csv', 'a')
      await expect(area.move(teamPath('/old'), teamPath('/old/in/x'), { replace: true })).rejects.toEqual(
        refused('not-allowed'),
      )
      await area.move(teamPath('/old'), teamPath('/new'), { replace: false })
      expect(await contentOf(area, '/new/in/a.csv')).toBe('a')
    })

    const refusals: { title: string; kind: FileProblemKind; act: (area: FileArea) => Promise<unknown> }[] = [
      { title: 'stat of nothing', kind: 'not-found', act: (area) => area.stat(teamPath('/none')) },
      { title: 'stat below a file', kind: 'not-found', act: (area) => area.stat(teamPath('/file/x')) },
      { title: 'opening nothing', kind: 'not-found', act: (area) => area.open(teamPath('/none')) },
      { title: 'opening a folder', kind: 'not-a-file', act: (area) => area.open(teamPath('/folder')) },
      { title: 'listing a file', kind: 'not-a-folder', act: (area) => namesIn(area, teamPath('/file')) },
      { title: 'a folder over a file', kind: 'not-a-folder', act: (area) => area.makeFolder(teamPath('/file')) },
      { title: 'removing nothing', kind: 'not-found', act: (area) => area.remove(teamPath('/none')) },
      { title: 'removing a folder as a file', kind: 'not-a-file', act: (area) => area.remove(teamPath('/folder')) },
      {
        title: 'removing a file as a folder',
        kind: 'not-a-folder',
        act: (area) => area.removeFolder(teamPath('/file')),
      },
      { title: 'removing the root', kind: 'not-allowed', act: (area) => area.removeFolder(ROOT) },
      { title: 'publishing over a folder', kind: 'not-a-file', act: (area) => put(area, '/folder', 'x') },
      { title: 'publishing into nothing', kind: 'not-found', act: (area) => put(area, '/none/a.csv', 'x') },
      {
        title: 'moving the root',
        kind: 'not-allowed',
        act: (area) => area.move(ROOT, teamPath('/x'), { replace: true }),
      },
      {
        title: 'moving nothing',
        kind: 'not-found',
        act: (area) => area.move(teamPath('/none'), teamPath('/x'), { replace: false }),
      },
    ]
    for (const { title, kind, act } of refusals)
      test(`${title} is refused: ${kind}`, async () => {
        const area = await make()
        await area.makeFolder(teamPath('/folder'))
        await put(area, '/file', 'x')
        await expect(act(area)).rejects.toEqual(refused(kind))
      })
  })
}
