export interface MapEstate {
  readonly id: string
  readonly name: string
  readonly buildings: readonly { readonly id: string; readonly name: string }[]
}

export interface Block {
  readonly id: string
  readonly name: string
  readonly x: number
  readonly y: number
  readonly size: number
}

export interface EstateShape {
  readonly id: string
  readonly name: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly blocks: readonly Block[]
}

/** What a block is told by where its name has no room: its number, else how it begins. */
export function shortName(name: string): string {
  return /\d+/.exec(name)?.[0] ?? [...name].slice(0, 2).join('')
}

const sizes = [64, 56, 48, 40, 34, 28, 24, 20, 16, 12]
const gap = 6
const padding = 10
const labelHeight = 24
/** An estate's name must be readable, whatever the number of its buildings. */
const leastWidth = 88

/**
 * Estates as boxes, their buildings as blocks in them, row by row, as large as fits into the frame; a scheme, not a map. Undefined when
 * even the smallest blocks do not fit.
 */
export function layOut(estates: readonly MapEstate[], width: number, height: number): EstateShape[] | undefined {
  for (const size of sizes) {
    const shapes = laidOut(estates, width, size)
    if (shapes.every((shape) => shape.x + shape.width <= width && shape.y + shape.height <= height)) return shapes
  }
  return undefined
}

function laidOut(estates: readonly MapEstate[], width: number, size: number): EstateShape[] {
  let [x, y, rowHeight] = [0, 0, 0]
  return estates.map(({ id, name, buildings }) => {
    const columns = Math.max(1, Math.ceil(Math.sqrt(buildings.length * 2)))
    const rows = Math.max(1, Math.ceil(buildings.length / columns))
    const boxWidth = Math.max(leastWidth, columns * (size + gap) - gap + 2 * padding)
    const boxHeight = labelHeight + rows * (size + gap) - gap + 2 * padding
    if (x > 0 && x + boxWidth > width) [x, y, rowHeight] = [0, y + rowHeight + gap, 0]
    const [left, top] = [x, y]
    x += boxWidth + gap
    rowHeight = Math.max(rowHeight, boxHeight)
    const blocks = buildings.map((building, index) => ({
      ...building,
      x: left + padding + (index % columns) * (size + gap),
      y: top + padding + labelHeight + Math.floor(index / columns) * (size + gap),
      size,
    }))
    return { id, name, x: left, y: top, width: boxWidth, height: boxHeight, blocks }
  })
}
