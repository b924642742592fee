import type { ComponentChildren } from 'preact'

interface ButtonProps {
  readonly children: ComponentChildren
  readonly onClick?: () => void
  /** `main` is the one that is wanted next, `danger` ends something; at most one of either is on a screen. */
  readonly look?: 'plain' | 'main' | 'danger' | 'link'
  /** The key that does the same, shown on it; who shows the button listens for it. */
  readonly shortcut?: string
  /** It was pressed and is not answered yet. */
  readonly busy?: boolean
  readonly disabled?: boolean
  readonly type?: 'button' | 'submit'
  readonly pressed?: boolean
  readonly label?: string
  readonly class?: string
}

/** A button of at least 44 px. */
export function Button({ children, onClick, look = 'plain', shortcut, busy = false, ...rest }: ButtonProps) {
  const { disabled = false, type = 'button', pressed, label } = rest
  return (
    <button
      type={type}
      class={`button button-${look} ${rest.class ?? ''}`}
      onClick={onClick}
      disabled={disabled || busy}
      aria-busy={busy}
      aria-pressed={pressed}
      aria-label={label}
      aria-keyshortcuts={shortcut}
    >
      {shortcut !== undefined && <kbd>{shortcut}</kbd>}
      {children}
    </button>
  )
}
