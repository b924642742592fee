import type { ComponentChildren } from 'preact'

interface BarProps {
  readonly tone: 'critical' | 'urgent' | 'info'
  readonly children: ComponentChildren
}

/** A line across the page that must be seen: said aloud at once when it is critical. */
export function Bar({ tone, children }: BarProps) {
  return (
    <div class={`bar bar-${tone}`} role={tone === 'critical' ? 'alert' : 'status'}>
      {children}
    </div>
  )
}
