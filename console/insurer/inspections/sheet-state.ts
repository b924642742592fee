import { language } from '../../shared/language.ts'
import type { InspectionDetail, ItemFinding, SheetItem } from '../wire-records.ts'

export type Lack = 'missingItem' | 'missingPhoto' | 'missingNote'

/** What is still missing of an item before the inspection can be finished, as the service asks for it. */
export function lacksOf(item: SheetItem, { findings, photos }: Pick<InspectionDetail, 'findings' | 'photos'>): Lack[] {
  const finding = findings.find((one) => one.item === item.id)
  if (finding === undefined) return ['missingItem']
  const { result, note } = finding
  const needsPhoto =
    item.photo === 'always' ? result !== 'not-applicable' : item.photo === 'defect' && result === 'defect'
  const lacks: Lack[] = []
  if (needsPhoto && !photos.some((one) => one.item === item.id)) lacks.push('missingPhoto')
  if (result !== 'ok' && (note ?? null) === null) lacks.push('missingNote')
  return lacks
}

/** Other items of which one of this item's pictures stands as well. */
export function sharePictureWith({ photos }: Pick<InspectionDetail, 'photos'>, id: string): string[] {
  const own = new Set(photos.filter(({ item }) => item === id).map(({ sha256 }) => sha256))
  const others = photos.filter(({ item, sha256 }) => item !== id && own.has(sha256))
  return [...new Set(others.flatMap(({ item }) => item ?? []))]
}

/** By its id; undefined where the sheet is not known, or has no such item. */
export function itemOf({ sheet }: Pick<InspectionDetail, 'sheet'>, id: string): SheetItem | undefined {
  return sheet?.items.find((item) => item.id === id)
}

/** In the language of the page; its id where it is not known. */
export function nameOf(inspection: Pick<InspectionDetail, 'sheet'>, id: string): string {
  return itemOf(inspection, id)?.name[language.value] ?? id
}

/** Points that a finding costs. */
export function lostPoints({ weight, deduction }: SheetItem, finding: ItemFinding | undefined): number {
  return finding?.result === 'defect' ? Math.min(weight, (finding.defects ?? 0) * deduction) : 0
}

/** Why a date will not do for the order about a defect; null = it will, and none is no order. A critical defect needs one. */
export function wrongDate(
  item: Pick<SheetItem, 'critical'> | undefined,
  date: string,
  today: string,
): 'pastDate' | 'criticalDate' | null {
  if (date === '') return item?.critical === true ? 'criticalDate' : null
  return date < today ? 'pastDate' : null
}

/** Items whose defects alone let an inspection fail. */
export function criticalDefects({ sheet, findings }: Pick<InspectionDetail, 'sheet' | 'findings'>): SheetItem[] {
  const defects = findings.filter(({ result }) => result === 'defect').map(({ item }) => item)
  return sheet?.items.filter(({ id, critical }) => critical === true && defects.includes(id)) ?? []
}
