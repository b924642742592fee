import './keys.css'

/** Keys as they stand on the keyboard, and what they do. */
export type KeyRow = readonly [keys: string, text: string]

/** A keyboard map. */
export function KeyRows({ rows }: { readonly rows: readonly KeyRow[] }) {
  return (
    <dl class="key-rows">
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
