import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { get } from '../shared/api.ts'
import { Moment } from '../shared/components/moment.tsx'
import { SeverityMark } from '../shared/components/severity.tsx'
import { titleOf } from '../shared/finding.ts'
import { problemText } from '../shared/problem-text.ts'
import { base } from '../shared/router.ts'
import { stateText } from '../shared/state-text.ts'
import type { Page, WorkOrder } from '../shared/wire.ts'
import { words } from './words.ts'

const shownAtMost = 10
const waitMs = 300

interface EarlierProps {
  readonly text: string
  /** Those that the list shows already. */
  readonly listed: ReadonlySet<string>
}

/** What the service finds under a text beside the list: orders of before, for who asks what was done here last. */
export function Earlier({ text, listed }: EarlierProps) {
  const say = words()
  const found = useSignal<readonly WorkOrder[] | null>(null)
  const problem = useSignal<unknown>(null)
  useEffect(() => {
    const asked = new AbortController()
    found.value = null
    problem.value = null
    const ask = async () => {
      const answer = await get<Page<WorkOrder>>('/work-orders', { q: text, limit: shownAtMost }, asked.signal)
      found.value = answer.items
    }
    const failed = (cause: unknown) => {
      if (!asked.signal.aborted) problem.value = cause
    }
    const timer = setTimeout(() => ask().catch(failed), waitMs)
    return () => {
      clearTimeout(timer)
      asked.abort()
    }
  }, [text])
  const others = found.value?.filter(({ id }) => !listed.has(id)) ?? []
  return (
    <section class="crew-section" aria-label={say.earlier}>
      <h2>{say.earlier}</h2>
      {problem.value !== null && <p class="wrong">■ {problemText(problem.value)}</p>}
      {found.value !== null && others.length === 0 && <p class="muted">{say.noneFound}</p>}
      <ul class="crew-earlier">
        {others.map((order) => (
          <li key={order.id}>
            <a href={`${base}/crew/${encodeURIComponent(order.id)}`}>
              <SeverityMark of={order.severity} shapeOnly /> <bdi>{titleOf(order)}</bdi>
            </a>
            <span class="muted">
              <bdi>{order.deviceId ?? order.siteId}</bdi> · <Moment at={order.detectedAt} /> · {stateText(order)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
