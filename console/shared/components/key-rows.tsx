interface KeyRowsProps {
  /** Keys as they stand on the keyboard, and what they do. */
  readonly rows: readonly (readonly [keys: string, text: string])[]
  readonly class: string
}

/** A keyboard map. */
export function KeyRows({ rows, class: look }: KeyRowsProps) {
  return (
    <dl class={look}>
      {rows.map(([keys, text]) => (
        <div key={keys}>
          <dt>
            <kbd>{keys}</kbd>
          </dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  )
}
