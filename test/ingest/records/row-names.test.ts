import { describe, expect, test } from 'vitest'
import { surveyFile } from '../../../ingest/formats/survey.ts'
import { mapColumns } from '../../../ingest/records/column-mapping.ts'
import { refuseRowNames } from '../../../ingest/records/row-names.ts'
import { fileOf, settingsOf } from '../../support/reading.ts'

const settings = settingsOf()
const HEADER = 'ID,First,Last,Home,Mobile,Notes'
const MIA = '2101,Mia,Cole,585-555-0111,585-555-0101,'
const NED = '2102,Ned,Ford,585-555-0112,585-555-0102,'

async function read(lines: string[], header = HEADER) {
  const survey = await surveyFile(fileOf([header, ...lines, ''].join('\n')), settings.file)
  refuseRowNames(survey, mapColumns(survey.header, settings))
}

describe('row names without a header', () => {
  const refused: [title: string, lines: string[], header?: string][] = [
    ['that count', [`1,${MIA}`, `2,${NED}`]],
    ['above a trailer', [`1,${MIA}`, `2,${NED}`, '(2 rows affected)']],
    ['above a footer of their width', [`1,${MIA}`, `2,${NED}`, 'Total,,,,,2']],
    ['around a comment and a damaged record', [`0,${MIA}`, '# page 2', '1,"x', `2,${NED}`, 'END']],
    ['with a cut last line', [`1,${MIA}`, `2,${NED}`, '3,2103,Ola']],
    ['with gaps, as a filter leaves them', [`3,${MIA}`, `17,${NED}`]],
    ['that do not count', [`r7,S${MIA}`, `r9,S${NED}`]],
    ['where most have no mobile number', ['1,2101,Mia,Cole,585-555-0111,,', `2,2102,Ned,Ford,585-555-0112,,`, 'END']],
    ['where one has a mobile number', [`1,S2101,Mia,Cole,585-555-0111,,`, `2,S${NED}`, 'END']],
    ['in quotes', [`"1",${MIA}`, `"2",${NED}`, '(2 rows affected)']],
    ['where names come first', [`4,Mia,Cole,2101,585-555-0111,585-555-0101,`], 'First,Last,ID,Home,Mobile,Notes'],
  ]
  for (const [title, lines, header] of refused)
    test(`${title}: the file is refused`, () =>
      expect(read(lines, header)).rejects.toMatchObject({ code: 'F_COLUMN_SHIFT' }))
})

describe('a delimiter behind each record is nothing else', () => {
  const taken: [title: string, lines: string[]][] = [
    [
      'with a trailer, where the Contact IDs count',
      ['1,Mia,Cole,,585-555-0101,x,', '2,Ned,Ford,,585-555-0102,x,', 'END'],
    ],
    ['with gaps between the Contact IDs', [`${MIA},`, `${NED},`]],
    [
      'with another number behind the mobile one',
      ['2101,Mia,Cole,,585-555-0101,585-555-0111,', '2102,Ned,Ford,,585-555-0102,585-555-0112,'],
    ],
    [
      'with names of one sign or digit',
      [
        '7,Mia,-,,585-555-0101,585-555-0111,',
        '9,Ned,Ford,,585-555-0102,,',
        '12,Ola,Berg 2,,585-555-0103,x,',
        '13,Pam,Hart,,585-555-0104,x,',
      ],
    ],
  ]
  for (const [title, lines] of taken) test(title, () => expect(read(lines)).resolves.toBeUndefined())
})
