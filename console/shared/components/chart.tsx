import { useEffect, useRef } from 'preact/hooks'
import './chart.css'
import { language } from '../language.ts'
import { currentTheme } from '../theme.ts'
import type { ChartModel } from './chart-model.ts'
import type { ChartEvents } from './chart-plot.ts'

interface ChartProps extends ChartEvents {
  /** The same object as before = the same chart: whoever makes it keeps it. */
  readonly model: ChartModel
  /** What it shows, for who cannot see it. */
  readonly label: string
  /** CSS pixels; a strip of states has its own. */
  readonly height?: number
}

/** Curves over time with what explains them. What draws them is loaded when the first one is shown. */
export function Chart({ model, label, height = 180, onZoom, onUnzoom, onPoint, together }: ChartProps) {
  const element = useRef<HTMLDivElement>(null)
  const events = useRef<ChartEvents>({})
  events.current = { onZoom, onUnzoom, onPoint }
  const theme = currentTheme()
  const speech = language.value
  const mayZoom = onZoom !== undefined
  useEffect(() => {
    const box = element.current
    if (box === null) return
    let remove = () => {}
    let isGone = false
    import('./chart-plot.ts').then(
      ({ drawChart }) => {
        if (isGone) return
        const chart = drawChart(box, height, model, {
          ...(mayZoom && { onZoom: (span) => events.current.onZoom?.(span) }),
          onUnzoom: () => events.current.onUnzoom?.(),
          onPoint: (at) => events.current.onPoint?.(at),
          together,
        })
        const resized = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: chart.height }))
        resized.observe(box)
        remove = () => {
          resized.disconnect()
          chart.destroy()
        }
      },
      // the table beside it says the same
      () => box.classList.add('chart-failed'),
    )
    return () => {
      isGone = true
      remove()
    }
    // colours and words are read when it is drawn
  }, [model, height, mayZoom, together, theme, speech])
  return <div ref={element} class="chart" role="img" aria-label={label} style={{ minHeight: `${height}px` }} />
}
