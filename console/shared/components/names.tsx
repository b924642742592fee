import { Fragment } from 'preact'

interface NamesProps {
  readonly of: readonly (string | null)[]
  readonly between?: string
}

/** Names as people gave them, each for itself: one that runs from right to left turns round nothing beside it. */
export function Names({ of, between = ' · ' }: NamesProps) {
  return (
    <>
      {of.filter(Boolean).map((name, index) => (
        <Fragment key={`${index} ${name}`}>
          {index > 0 && between}
          <bdi>{name}</bdi>
        </Fragment>
      ))}
    </>
  )
}
