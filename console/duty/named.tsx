interface NamedProps {
  /** What it is. */
  readonly what?: string
  readonly name: string | null
  /** Its number or address. */
  readonly more: string | null
}

/** A place or device to choose, as people call it. */
export function Named({ what, name, more }: NamedProps) {
  return (
    <>
      {what !== undefined && <span class="muted">{what}</span>} <strong>{name !== null && <bdi>{name}</bdi>}</strong>{' '}
      {more !== null && <bdi class="muted">{more}</bdi>}
    </>
  )
}
