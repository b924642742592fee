import { indexParts, meanParts } from '../../../core/estate-index.ts'
import type { Locale } from '../../../core/words.ts'
import type { EstateIndex } from '../../estate-index.ts'
import { amount, decimal, unknown } from '../numbers.ts'
import { type RoomCount, roomCounts, type Safety } from '../safety.ts'
import { reportWords } from '../words.ts'
import { ink, type Paper, wide } from './paper.ts'
import { type Cell, type Column, drawTable } from './table.ts'

const note = { size: 8, colour: ink.soft } as const
/** Some pages; the other files have them all. */
const mostEstates = 300

/** How safe estates are, and what was found in rental rooms. */
export function drawSafety(paper: Paper, safety: Safety, locale: Locale): void {
  drawIndex(paper, safety, locale)
  drawRooms(paper, safety, locale)
}

function drawIndex(paper: Paper, { month, estates, estatesLeftOut }: Safety, locale: Locale): void {
  const { sections, columns, labelled, leftOut, safety: say } = reportWords[locale]
  paper.heading(sections.index, 160)
  if (estates.length === 0) {
    paper.paragraph(say.noEstates)
    return
  }
  paper.paragraph(labelled(columns.month, month))
  paper.paragraph(say.indexText, note)
  const width = (wide - 110 - 44) / indexParts.length
  const layout: Column[] = [
    { title: columns.name, width: 110 },
    { title: say.index, width: 44, align: 'right' },
    ...indexParts.map((part): Column => ({ title: say.parts[part], width, align: 'right' })),
  ]
  drawTable(
    paper,
    layout,
    estates.slice(0, mostEstates).map((estate) => indexRow(estate, locale)),
  )
  const left = estatesLeftOut + Math.max(0, estates.length - mostEstates)
  if (left > 0) paper.paragraph(leftOut(left), note)
}

function indexRow({ siteId, name, score, parts }: EstateIndex, locale: Locale): Cell[] {
  const { safety: say } = reportWords[locale]
  return [
    { text: name ?? siteId },
    { text: score === null ? unknown : decimal(score, 1), as: 'bold' },
    ...indexParts.map((part): Cell => {
      const found = parts.find((one) => one.part === part)
      if (found === undefined || found.score === null) return { text: unknown }
      const { numerator, denominator, weight } = found
      const beneath = meanParts.includes(part)
        ? say.meanOf(amount(denominator), amount(weight))
        : say.made(amount(numerator), amount(denominator), amount(weight))
      return { text: decimal(found.score, 1), beneath }
    }),
  ]
}

function drawRooms(paper: Paper, { rooms }: Safety, locale: Locale): void {
  const { sections, safety: say } = reportWords[locale]
  paper.heading(sections.rooms, 160)
  if (rooms.withFindings === 0) {
    paper.paragraph(say.noRooms)
    return
  }
  const shown = roomCounts.map((count) => [count, amount(rooms[count])])
  paper.paragraph(say.counts(Object.fromEntries(shown) as Record<RoomCount, string>))
}
