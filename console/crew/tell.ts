import { detailOf } from '../shared/finding.ts'
import type { CrewOrder } from './wire.ts'

/** The figures behind it; null when the title says it all. */
export function whyOf({ order, evidence }: Pick<CrewOrder, 'order' | 'evidence'>): string | null {
  // a figure and its unit stay on one line
  return detailOf({ ...order, evidence })?.replace(/(\d) /g, '$1\u00a0') ?? null
}

/** "东苑 12 幢 2 单元": the three smallest of the places that it is in. */
export function shortPlace(where: string): string {
  const [path = ''] = where.split(', ')
  return path.split(' / ').slice(-3).join(' ')
}
