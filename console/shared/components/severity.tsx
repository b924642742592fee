import type { Severity } from '../wire.ts'
import { words } from '../words.ts'

export const shapes: Readonly<Record<Severity, string>> = { critical: '■', urgent: '▲', warning: '●', info: '○' }

/** How bad it is: always colour and shape, and the word too unless `shapeOnly` (then for screen readers alone). */
export function SeverityMark({ of, shapeOnly = false }: { readonly of: Severity; readonly shapeOnly?: boolean }) {
  const say = words()
  return (
    <span class={`severity severity-${of}`}>
      <span aria-hidden="true">{shapes[of]}</span> <span class={shapeOnly ? 'unseen' : ''}>{say.severities[of]}</span>
    </span>
  )
}
