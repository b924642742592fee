import { strToU8, type Zippable, zipSync } from 'fflate'

/*
 * A workbook as Office Open XML (ECMA-376, transitional): so little of it that the same cells always give the same bytes. Text is text,
 * whatever it begins with: there is no cell with a formula.
 */

export type XlsxCell = string | number | null | { readonly value: number; readonly format: XlsxFormat }

/** How a number is shown; what is kept is the number. */
export type XlsxFormat = 'whole' | 'decimal' | 'share'

export interface XlsxSheet {
  readonly name: string
  /** The first row is its header, which stays in sight. */
  readonly rows: readonly (readonly XlsxCell[])[]
  /** In characters. */
  readonly widths: readonly number[]
  /** Lines are broken in its cells; else each stays on one line and the header can be filtered by. */
  readonly isText?: boolean
}

const formats: Readonly<Record<XlsxFormat, number>> = { whole: 1, decimal: 2, share: 3 }
const [plainStyle, headStyle, wrapStyle] = [0, 4, 5]
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packageRelations = 'http://schemas.openxmlformats.org/package/2006/relationships'
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

/** Of a file in it: the earliest that a ZIP can say, by any clock. */
const noTime = new Date(1980, 0, 1)

/** @param about.at of the document, ms since 1970 */
export function xlsxOf(sheets: readonly XlsxSheet[], about: { title: string; at: number }): Uint8Array {
  const files: Record<string, string> = {
    '[Content_Types].xml': contentTypes(sheets.length),
    '_rels/.rels': relationships([
      [`${relations}/officeDocument`, 'xl/workbook.xml'],
      ['http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties', 'docProps/core.xml'],
    ]),
    'docProps/core.xml': properties(about),
    'xl/workbook.xml': workbook(sheets),
    'xl/_rels/workbook.xml.rels': relationships([
      ...sheets.map((_, index): [string, string] => [`${relations}/worksheet`, `worksheets/sheet${index + 1}.xml`]),
      [`${relations}/styles`, 'styles.xml'],
    ]),
    'xl/styles.xml': styles,
  }
  for (const [index, sheet] of sheets.entries()) files[`xl/worksheets/sheet${index + 1}.xml`] = worksheet(sheet)
  const zippable: Zippable = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))
  return zipSync(zippable, { mtime: noTime })
}

function worksheet({ rows, widths, isText = false }: XlsxSheet): string {
  const last = `${columnName(widths.length - 1)}${Math.max(1, rows.length)}`
  const columns = widths.map(
    (width, index) => `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`,
  )
  const lines = rows.map((row, index) => {
    const style = index === 0 ? headStyle : isText ? wrapStyle : plainStyle
    return `<row r="${index + 1}">${row.map((cell, column) => cellXml(cell, `${columnName(column)}${index + 1}`, style)).join('')}</row>`
  })
  return `${head}<worksheet xmlns="${main}"><dimension ref="A1:${last}"/><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>${columns.join('')}</cols><sheetData>${lines.join('')}</sheetData>${isText ? '' : `<autoFilter ref="A1:${last}"/>`}</worksheet>`
}

function cellXml(cell: XlsxCell, at: string, style: number): string {
  if (cell === null) return ''
  if (typeof cell === 'string') {
    return `<c r="${at}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`
  }
  const { value, format } = typeof cell === 'number' ? { value: cell, format: undefined } : cell
  if (!Number.isFinite(value)) return ''
  return `<c r="${at}" s="${format === undefined ? style : formats[format]}"><v>${value}</v></c>`
}

function workbook(sheets: readonly XlsxSheet[]): string {
  const list = sheets.map(
    ({ name }, index) => `<sheet name="${escaped(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
  )
  const filters = sheets.flatMap(({ name, rows, widths, isText }, index) => {
    if (isText) return []
    const range = `'${escaped(name)}'!$A$1:$${columnName(widths.length - 1)}$${Math.max(1, rows.length)}`
    return [`<definedName name="_xlnm._FilterDatabase" localSheetId="${index}" hidden="1">${range}</definedName>`]
  })
  const names = filters.length === 0 ? '' : `<definedNames>${filters.join('')}</definedNames>`
  return `${head}<workbook xmlns="${main}" xmlns:r="${relations}"><sheets>${list.join('')}</sheets>${names}</workbook>`
}

/** In the order of `formats`, then the header's and that of text that goes on in the next line. */
const styles = `${head}<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="0.0%"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Microsoft YaHei"/></font><font><b/><sz val="11"/><name val="Microsoft YaHei"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFF3F5F7"/></patternFill></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="6"><xf xfId="0"/><xf numFmtId="3" xfId="0" applyNumberFormat="1"/><xf numFmtId="4" xfId="0" applyNumberFormat="1"/><xf numFmtId="164" xfId="0" applyNumberFormat="1"/><xf fontId="1" fillId="2" xfId="0" applyFont="1" applyFill="1" applyAlignment="1"><alignment wrapText="1" vertical="top"/></xf><xf xfId="0" applyAlignment="1"><alignment wrapText="1" vertical="top"/></xf></cellXfs></styleSheet>`

function contentTypes(sheets: number): string {
  const type = (part: string, kind: string) =>
    `<Override PartName="${part}" ContentType="application/vnd.openxmlformats-${kind}+xml"/>`
  const ofSheets = Array.from({ length: sheets }, (_, index) =>
    type(`/xl/worksheets/sheet${index + 1}.xml`, 'officedocument.spreadsheetml.worksheet'),
  )
  return `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${type('/xl/workbook.xml', 'officedocument.spreadsheetml.sheet.main')}${type('/xl/styles.xml', 'officedocument.spreadsheetml.styles')}${type('/docProps/core.xml', 'package.core-properties')}${ofSheets.join('')}</Types>`
}

function relationships(targets: readonly (readonly [type: string, target: string])[]): string {
  const list = targets.map(
    ([type, target], index) => `<Relationship Id="rId${index + 1}" Type="${type}" Target="${target}"/>`,
  )
  return `${head}<Relationships xmlns="${packageRelations}">${list.join('')}</Relationships>`
}

function properties({ title, at }: { title: string; at: number }): string {
  const time = new Date(at).toISOString()
  return `${head}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>${escaped(title)}</dc:title><dc:creator>Liftwatt</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">${time}</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">${time}</dcterms:modified></cp:coreProperties>`
}

/** "A", …, "Z", "AA" */
function columnName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26))
  return index < 26 ? letter : `${columnName(Math.floor(index / 26) - 1)}${letter}`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Without what XML cannot say at all. */
function escaped(text: string): string {
  const sayable = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
  return sayable.replace(/[&<>"]/g, (character) => entities[character] ?? character)
}
