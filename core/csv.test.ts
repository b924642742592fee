import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { csvCell, csvLine, textOfCell } from './csv.ts'

/** As it stands in the file, without its quotes. */
function readBack(text: string): string {
  const rows: string[][] = parse(csvCell(text))
  return rows[0]?.[0] ?? ''
}

test.each([
  '=1+1',
  '+1',
  '-1',
  '@x',
  '＝1',
  '＋1',
  '－1',
  '＠x',
  "'=1",
  "''=1",
  "'+86 571",
  '-',
  '=HYPERLINK("http://x";"y")',
])('A26: no spreadsheet calculates %s, and it comes back as it was', (text) => {
  const cell = readBack(text)
  expect(cell.startsWith("'")).toBe(true)
  expect(textOfCell(cell)).toBe(text)
})

test.each(["'", "it's", "'quoted'", "'", '', 'a,b', 'a;b', 'a\tb', 'a"b', 'two\r\nlines', '翠苑 7 幢', "''"])(
  'a text that no spreadsheet calculates stays as it is: %j',
  (text) => {
    const cell = readBack(text)
    expect(cell).toBe(text)
    expect(textOfCell(cell)).toBe(text)
  },
)

test('a number below zero stays a number, nothing is an empty cell, and space around a text goes', () => {
  expect(csvLine([-5, 0, 1.5, true, null, undefined, ' \t=x ', ''])).toBe("-5,0,1.5,true,,,'=x,\r\n")
})
