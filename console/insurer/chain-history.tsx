import { Moment } from '../shared/components/moment.tsx'

interface ChainHistoryProps {
  readonly title: string
  readonly events: readonly {
    readonly at: string
    readonly type: string
    readonly actor: string
    readonly hash: string
  }[]
  /** What its events are called; one that has no word is shown as it is. */
  readonly types: Readonly<Record<string, string>>
}

/** What happened to a record that has a chain of its own, each event with the beginning of its hash. */
export function ChainHistory({ title, events, types }: ChainHistoryProps) {
  return (
    <section class="card review-list">
      <h2>{title}</h2>
      <ol class="review-events">
        {events.map(({ at, type, actor, hash }) => (
          <li key={hash}>
            <Moment at={at} /> <strong>{types[type] ?? type}</strong>{' '}
            <span class="muted">
              {actor} · <code>{hash.slice(0, 12)}</code>
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
