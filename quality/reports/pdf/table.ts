import { ink, left, type Paper, type Style } from './paper.ts'

export interface Column {
  readonly title: string
  /** In points. */
  readonly width: number
  readonly align?: 'left' | 'right'
}

/** What stands in it, and in smaller letters beneath. */
export interface Cell {
  readonly text: string
  readonly beneath?: string
  readonly as?: 'text' | 'bold' | 'head'
}

const styles: Readonly<Record<NonNullable<Cell['as']>, Style>> = {
  text: { size: 8.5 },
  bold: { size: 8.5, weight: 'bold' },
  // a long word of a narrow column stays in one piece
  head: { size: 7, weight: 'bold' },
}
const beneathStyle: Style = { size: 6.5, colour: ink.soft }
const gap = 5
const padding = 3

/** Rows that are never torn; each page that it goes on to begins with its header again. */
export function drawTable(paper: Paper, columns: readonly Column[], rows: readonly (readonly Cell[])[]): void {
  const heads = columns.map(({ title }) => ({ text: title, as: 'head' as const }))
  const headHeight = rowHeight(paper, columns, heads)
  const drawHead = () => {
    paper.box(left, paper.y, widthOf(columns), headHeight, ink.faint)
    drawRow(paper, columns, heads, headHeight)
  }
  paper.room(headHeight + rowHeight(paper, columns, rows[0] ?? []))
  drawHead()
  for (const row of rows) {
    const tall = rowHeight(paper, columns, row)
    if (paper.room(tall)) drawHead()
    drawRow(paper, columns, row, tall)
  }
  paper.y += 10
}

function drawRow(paper: Paper, columns: readonly Column[], row: readonly Cell[], tall: number): void {
  let x = left
  for (const [index, { width, align = 'left' }] of columns.entries()) {
    const { text = '', beneath, as = 'text' } = row[index] ?? {}
    const style: Style = { ...styles[as], align }
    const inner = width - gap
    const y = paper.y + padding
    paper.put(text, x + gap / 2, y, inner, style)
    if (beneath !== undefined) {
      paper.put(beneath, x + gap / 2, y + paper.heightOf(text, inner, style), inner, { ...beneathStyle, align })
    }
    x += width
  }
  paper.y += tall
  paper.line(left, paper.y, x, paper.y, ink.line)
}

function rowHeight(paper: Paper, columns: readonly Column[], row: readonly Cell[]): number {
  const heights = columns.map(({ width }, index) => {
    const { text = '', beneath, as = 'text' } = row[index] ?? {}
    const under = beneath === undefined ? 0 : paper.heightOf(beneath, width - gap, beneathStyle)
    return paper.heightOf(text, width - gap, styles[as]) + under
  })
  return Math.max(...heights) + 2 * padding
}

function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { width }) => sum + width, 0)
}
