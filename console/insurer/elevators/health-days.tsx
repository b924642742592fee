const [height, step, bar] = [40, 7, 5]

interface HealthDaysProps {
  /** Newest first. */
  readonly days: readonly { readonly day: string; readonly score: number | null }[]
  readonly label: string
}

/** Days of health as bars from 0 to 100, oldest first; a day that is not known has none. */
export function HealthDays({ days, label }: HealthDaysProps) {
  const oldestFirst = [...days].reverse()
  return (
    <svg class="dossier-days" viewBox={`0 0 ${days.length * step} ${height}`} role="img" aria-label={label}>
      <line class="review-trend-top" x1={0} x2={days.length * step} y1={0.5} y2={0.5} />
      {oldestFirst.map(({ day, score }, index) => {
        if (score === null) return null
        const tall = Math.max(1, (score / 100) * height)
        return (
          <rect key={day} class="review-trend-month" x={index * step} y={height - tall} width={bar} height={tall}>
            <title>{`${day} ${score}`}</title>
          </rect>
        )
      })}
    </svg>
  )
}
