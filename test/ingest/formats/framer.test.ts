import { describe, expect, test } from 'vitest'
import type { Delimiter } from '../../../model/delimiters.ts'
import { fileOf, recordsOf, shapesOf } from '../../support/reading.ts'

const cases: { title: string; text: string; delimiter?: Delimiter; shapes: (string[] | string)[] }[] = [
  { title: 'a plain record is split at the delimiter', text: 'a,b\n1,2\n', shapes: [['1', '2']] },
  {
    title: 'CRLF, LF and CR are accepted mixed and leave nothing behind',
    text: 'a,b\r\n1,2\n3,4\r5,6\r\n\r\n7,8',
    shapes: [
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
      ['7', '8'],
    ],
  },
  {
    title: 'a quoted value may hold delimiters, line ends and doubled quotes',
    text: 'a,b\n"1,\r\n""x""",2\n',
    shapes: [['1,\r\n"x"', '2']],
  },
  { title: 'a closing quote may be the last byte of the file', text: 'a,b\n1,"2"', shapes: [['1', '2']] },
  {
    title: 'empty lines, blanks and lines of delimiters only are no records',
    text: '\n \na,b\n\n , \t\n,\n1,2\n  \n',
    shapes: [['1', '2']],
  },
  {
    title: 'lines of quoted empty values are no records either',
    text: 'a,b\n"",""\n" ",\t\n1,""\n"" ,""\r\n"""",""\n',
    shapes: [
      ['1', ''],
      ['"', ''],
    ],
  },
  {
    title: 'blanks behind a closing quote are dropped',
    text: '"a" ,"b"   \r\n"1"\t,"2"  \r\n"x ""y""" , "\n"3" ,"4\n5"  ',
    shapes: [['1', '2'], '3 E_QUOTE', ['3', '4\n5']],
  },
  {
    title: 'text behind those blanks is damage',
    text: 'a,b\n"1" x,2\n3,4\n"5" "6",7\n8,9',
    shapes: ['2 E_QUOTE', ['3', '4'], '4 E_QUOTE', ['8', '9']],
  },
  {
    title: 'in a tab file blanks behind a closing quote are dropped',
    delimiter: 'tab',
    text: 'a\tb\n"1"  \t"2" \n"3" x\t4\n',
    shapes: [
      ['1', '2'],
      ['"3" x', '4'],
    ],
  },
  {
    title: 'a Ctrl-Z at the end of a record or of the file is dropped',
    text: 'a,b\n1,2\x1a\r\n3,"4"\x1a\n5,"6" \x1a\x1a\n7,8\n\x1a\x1a\n9,\x1a\n"10"\x1a,11\n12,1\x1a3\n14,15\n\x1a',
    shapes: [['1', '2'], ['3', '4'], ['5', '6'], ['7', '8'], ['9', ''], '8 E_QUOTE', ['12', '1\x1a3'], ['14', '15']],
  },
  {
    title: 'byte order marks at the head of any record are dropped',
    text: '\ufeff\ufeff"a",b\n\ufeff1,2\n\ufeff"3","4"\n\ufeff="5",6\n\ufeff\n7,\ufeff8\n\ufeff\ufeff"x\ny",9\n',
    shapes: [
      ['1', '2'],
      ['3', '4'],
      ['="5"', '6'],
      ['7', '\ufeff8'],
      ['x\ny', '9'],
    ],
  },
  {
    title: 'a byte order mark before nothing but blanks, delimiters and empty quotes is no record',
    text: '\ufeff \r\n\ufeff,\na,b\n\ufeff"",""\n\ufeff\t,\x1a\n1,2\n\ufeff ,3\n\ufeff',
    shapes: [
      ['1', '2'],
      [' ', '3'],
    ],
  },
  {
    title: 'text after a closing quote costs that record only',
    text: 'a,b\n1,"2"x\n3,4\n',
    shapes: ['2 E_QUOTE', ['3', '4']],
  },
  {
    title: 'a quote inside a value costs that record only',
    text: 'a,b\n1,2"x"\n3,4\n',
    shapes: ['2 E_QUOTE', ['3', '4']],
  },
  { title: 'a blank before an opening quote is damage', text: 'a,b\n1, "2"\n3,4\n', shapes: ['2 E_QUOTE', ['3', '4']] },
  {
    title: 'an unclosed quote costs that record only',
    text: 'a,b\n1,"2\n3,4\r\n5,"6"\n7,8',
    shapes: ['2 E_QUOTE', ['3', '4'], ['5', '6'], ['7', '8']],
  },
  {
    title: 'an unclosed quote in the last record costs that record only',
    text: 'a,b\n1,2\n3,"4',
    shapes: [['1', '2'], '3 E_QUOTE'],
  },
  {
    title: 'an unclosed quote before CR line ends starts again at the next',
    text: 'a,b\r1,"2\r3,4\r',
    shapes: ['2 E_QUOTE', ['3', '4']],
  },
  {
    title: 'reading starts again below the first line of a damaged record',
    text: 'a,b\n1,"x\ny" z\n3,4\n',
    shapes: ['2 E_QUOTE', '3 E_QUOTE', ['3', '4']],
  },
  {
    title: 'an unclosed quote that a later value beginning with a line end seems to close costs its record only',
    text: 'a,b\n1,"2\n3,4\n5,"\nx"\n7,"8"\n',
    shapes: ['2 E_QUOTE', ['3', '4'], ['5', '\nx'], ['7', '8']],
  },
  {
    title: 'and so it does where the width would not fit, or the file ends there',
    text: 'a,b,c\n1,"2,x\n3,4,y\n5,6,"\r\nz"',
    shapes: ['2 E_QUOTE', ['3', '4', 'y'], ['5', '6', '\r\nz']],
  },
  {
    title: 'a value of several lines may end with a delimiter',
    text: 'a,b\n1,"x\ny,"\n3,"z\nw,"\n5,6\n="7","x\n,"\n',
    shapes: [
      ['1', 'x\ny,'],
      ['3', 'z\nw,'],
      ['5', '6'],
      ['="7"', 'x\n,'],
    ],
  },
  {
    title: 'a value of several lines may end with a delimiter, also before a record with a quote inside a value',
    text: 'a,b\n1,"x\ny,"\n3,5" z\n5,6\n',
    shapes: [['1', 'x\ny,'], '4 E_QUOTE', ['5', '6']],
  },
  {
    title: 'a value of several lines that holds a whole record is damage where it opened',
    text: 'a,b,c\n1,"x,y\n2,3,4\n5,z",6\n7,8,9\n',
    shapes: ['2 E_QUOTE', ['2', '3', '4'], '4 E_QUOTE', ['7', '8', '9']],
  },
  {
    title: 'and so it is in the last column, in the first one, and behind an inch mark',
    text: 'a,b,c\n1,2,"x\n3,4,5\n6,7,z"\n"8,9,10\n11,12,13\n14",15,16\n17,"Eli,18\n19,20,21\n22,23,6"\n24,25,26',
    shapes: [
      '2 E_QUOTE',
      ['3', '4', '5'],
      '4 E_QUOTE',
      '5 E_QUOTE',
      ['11', '12', '13'],
      '7 E_QUOTE',
      '8 E_QUOTE',
      ['19', '20', '21'],
      '10 E_QUOTE',
      ['24', '25', '26'],
    ],
  },
  {
    title: 'lone quotes on two lines that follow one another do not join them',
    text: 'a,b,c,d\n1,"x,2,0\n3,y",4,0\n5,6,0,"z\n7,8,0,w"\n9,10,0,"v\r\n\r\n11,12,0,"\n13,14,15,16',
    shapes: ['2 E_QUOTE', '3 E_QUOTE', '4 E_QUOTE', '5 E_QUOTE', '6 E_QUOTE', '8 E_QUOTE', ['13', '14', '15', '16']],
  },
  {
    title: 'two lines with lone quotes beside a quoted delimiter are not one record',
    text: 'a,b,c,d\n1,""""",Ann,","\n2,N,Bo",3\n="4","x,5,6\n="7",8,",",9\n10",11,12,13\n',
    shapes: ['2 E_QUOTE', '3 E_QUOTE', '4 E_QUOTE', ['="7"', '8', ',', '9'], '6 E_QUOTE'],
  },
  {
    title: 'in a tab file a line with a quoted tab below a lone quote is a record of its own',
    delimiter: 'tab',
    text: 'a\tb\tc\td\te\n"1\tN\t""""\t""""\t"\t"\n2\tN\t"\t\t"\t"Bo"  \tx\n',
    shapes: [
      ['1\tN\t""\t""\t', '"'],
      ['2', 'N', '\t\t', 'Bo', 'x'],
    ],
  },
  {
    title: 'a whole record with one delimiter too many inside a value is a record, too',
    text: 'a,b,c\n1,"x,2,\n3,4,5,\n6,y",7,\n',
    shapes: ['2 E_QUOTE', ['3', '4', '5'], '4 E_QUOTE'],
  },
  {
    title: 'lines of another width, of delimiters, or that are empty leave a value of several lines as it is',
    text: 'a,b,c\n1,"x\ny,z\n\n,,\nw",2\n"3\n4",5,"6, 7\n8, 9, 10, 11"\n',
    shapes: [
      ['1', 'x\ny,z\n\n,,\nw', '2'],
      ['3\n4', '5', '6, 7\n8, 9, 10, 11'],
    ],
  },
  {
    title: 'in a tab file the quotes of values that hold a whole record are characters',
    delimiter: 'tab',
    text: 'a\tb\tc\td\n1\t"x\ty\t0\n2\t3\t4\t0\n5\tz"\t6\t0\n7\t8\t0\t"9\n10\t11\t0\t5\'11"\n12\t13\t0\t6\'1"\n"14\t15\t16\t0\n17"\t18\t19\t0\n',
    shapes: [
      ['1', '"x', 'y', '0'],
      ['2', '3', '4', '0'],
      ['5', 'z"', '6', '0'],
      ['7', '8', '0', '"9'],
      ['10', '11', '0', '5\'11"'],
      ['12', '13', '0', '6\'1"'],
      ['"14', '15', '16', '0'],
      ['17"', '18', '19', '0'],
    ],
  },
  {
    title: 'a spreadsheet formula of plain text is a value',
    text: 'a,b\n="001","x,y"\n2,="3"',
    shapes: [
      ['="001"', 'x,y'],
      ['2', '="3"'],
    ],
  },
  {
    title: 'any other quote after an equals sign is damage',
    text: 'a,b\n="1"x,2\n="1,2\n3,4\n',
    shapes: ['2 E_QUOTE', '3 E_QUOTE', ['3', '4']],
  },
  {
    title: 'the line that names the delimiter to a spreadsheet is skipped',
    text: 'sep=,\r\na,b\r\n1,2\r\n',
    shapes: [['1', '2']],
  },
  {
    title: 'in a tab file that names its delimiter quoted line breaks are read',
    delimiter: 'tab',
    text: 'sep=\t\na\tb\tc\n1\t"x\ny"\t3\n',
    shapes: [['1', 'x\ny', '3']],
  },
  {
    title: 'in a tab file a quote inside a value is a character',
    delimiter: 'tab',
    text: 'a\tb\n5" pipe\tO"Neil"\n',
    shapes: [['5" pipe', 'O"Neil"']],
  },
  {
    title: 'in a tab file a cleanly quoted value is unquoted',
    delimiter: 'tab',
    text: 'a\tb\n"x\ty"\t"l1\nl2 ""q"""\n',
    shapes: [['x\ty', 'l1\nl2 "q"']],
  },
  {
    title: 'in a tab file a quote that is not closed cleanly is kept',
    delimiter: 'tab',
    text: 'a\tb\n"Bob" Lee\tx\n"y\t1\n2\t3\n',
    shapes: [
      ['"Bob" Lee', 'x'],
      ['"y', '1'],
      ['2', '3'],
    ],
  },
  {
    title: 'in a tab file two stray quotes do not glue records together',
    delimiter: 'tab',
    text: 'a\tb\tc\n1\t"x\ty\n2\tw\tz"\n',
    shapes: [
      ['1', '"x', 'y'],
      ['2', 'w', 'z"'],
    ],
  },
  {
    title: 'in a tab file a stray quote at the end of the file is kept',
    delimiter: 'tab',
    text: 'a\tb\n1\t2\n3\t"',
    shapes: [
      ['1', '2'],
      ['3', '"'],
    ],
  },
]

describe('the framer', () => {
  for (const { title, text, delimiter = 'comma', shapes } of cases)
    for (const chunkSize of [1, 2, 3, 65536])
      test(`${title} (chunks of ${chunkSize})`, async () => {
        expect(await shapesOf(text, { delimiter }, chunkSize)).toEqual(shapes)
      })

  test('lines are counted physically, line breaks inside values and blank lines included', async () => {
    const records = await recordsOf(fileOf('a,b\r\n"1\r\n2",x\n\n"\r",y\r3,z\n4,"', 1))
    expect(records.map(({ line }) => line)).toEqual([2, 5, 7, 8])
  })

  test('a damaged record shows its raw first line and where the quote opened', async () => {
    expect(await recordsOf(fileOf('a,b\n1,"x\n2,y\n'))).toEqual([
      { line: 2, damage: 'E_QUOTE', message: 'The quote that opens value 2 on line 2 is not closed.', raw: '1,"x' },
      { line: 3, values: ['2', 'y'] },
    ])
  })

  const mebibyte = 1024 * 1024
  const longCases: { title: string; record: string; shape: string | string[] }[] = [
    {
      title: 'a record of exactly 1 MiB is read',
      record: `1,${'x'.repeat(mebibyte - 2)}`,
      shape: ['1', 'x'.repeat(mebibyte - 2)],
    },
    { title: 'a record of one byte more is refused', record: `1,${'x'.repeat(mebibyte - 1)}`, shape: '2 E_TOO_LONG' },
    { title: 'a quoted value of 3 MiB is refused', record: `1,"${'x'.repeat(3 * mebibyte)}"`, shape: '2 E_TOO_LONG' },
    { title: '2,000 values are read', record: '1,'.repeat(1999), shape: [...Array(1999).fill('1'), ''] },
    { title: '2,001 values are refused', record: '1,'.repeat(2000), shape: '2 E_TOO_LONG' },
  ]
  for (const { title, record, shape } of longCases)
    test(title, async () => {
      expect(await shapesOf(`a,b\n${record}\n3,4\n`)).toEqual([shape, ['3', '4']])
    })

  test('a quote that is not closed within 1 MiB costs its record only', async () => {
    const records = Array.from({ length: 200_000 }, (_, index) => `${index},12345`)
    const shapes = await shapesOf(`a,b\n0,"x\n${records.join('\n')}\n`)
    expect(shapes[0]).toBe('2 E_QUOTE')
    expect(shapes).toHaveLength(200_001)
  })

  test('a thousand unclosed quotes are reported one by one, more of them reject the file', async () => {
    const lines = (count: number) => `a,b\n${'1,"Ann\n'.repeat(count)}`
    expect(await shapesOf(lines(1000))).toHaveLength(1000)
    await expect(shapesOf(lines(1001))).rejects.toMatchObject({ code: 'F_TOO_DAMAGED' })
  })
})
