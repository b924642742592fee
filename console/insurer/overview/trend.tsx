import { words as sharedWords } from '../../shared/words.ts'
import { places } from '../figure-text.ts'
import { words } from '../words.ts'
import type { MonthOfHealth } from './read.ts'

const [step, bar, height] = [11, 8, 32]

interface TrendProps {
  readonly name: string
  readonly group: string | null
  readonly months: readonly MonthOfHealth[]
}

/** Twelve months of health as bars from 0 to 100, for all groups on the same scale; a month without data is hatched. */
export function Trend({ name, group, months }: TrendProps) {
  const said = months.map(({ month, byGroup }) => {
    const score = byGroup.get(group)
    return `${month} ${score === undefined ? sharedWords().noData : places(score)}`
  })
  return (
    <svg
      class="review-trend"
      viewBox={`0 0 ${months.length * step} ${height}`}
      role="img"
      aria-label={words().healthTrendLabel(name, said.join(', '))}
    >
      <line class="review-trend-top" x1={0} x2={months.length * step} y1={0.5} y2={0.5} />
      {months.map(({ month, byGroup }, index) => {
        const score = byGroup.get(group)
        const tall = score === undefined ? height : Math.max(1, (score / 100) * height)
        return (
          <rect
            key={month}
            class={score === undefined ? 'review-trend-unknown' : 'review-trend-month'}
            x={index * step + (step - bar) / 2}
            y={height - tall}
            width={bar}
            height={tall}
          >
            <title>{said[index]}</title>
          </rect>
        )
      })}
    </svg>
  )
}
