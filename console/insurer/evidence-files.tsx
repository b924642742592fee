interface EvidenceFilesProps {
  readonly items: readonly { readonly name: string; readonly sha256: string; readonly bytes?: number }[]
}

/** Files that are kept unchanged, each with what its bytes hash to. */
export function EvidenceFiles({ items }: EvidenceFilesProps) {
  return (
    <ul class="review-files">
      {items.map(({ name, sha256, bytes }) => (
        <li key={sha256}>
          <a href={`/api/v1/evidence/${sha256}`} target="_blank" rel="noreferrer">
            {name}
          </a>
          <span class="muted">
            {bytes !== undefined && `${(bytes / 1024).toFixed(1)} KiB · `}
            <code>{sha256}</code>
          </span>
        </li>
      ))}
    </ul>
  )
}
