import type { Signal } from '@preact/signals'
import { useId } from 'preact/hooks'

interface FieldProps {
  readonly label: string
  readonly value: Signal<string>
  readonly type?: 'text' | 'email' | 'password' | 'datetime-local' | 'search'
  readonly autocomplete?: string
  readonly required?: boolean
  /** More than one line. */
  readonly rows?: number
  /** In UTF-16 units, as the browser counts. */
  readonly maxLength?: number
}

/** A label and what is written under it, kept in a signal. */
export function Field({
  label,
  value,
  type = 'text',
  autocomplete = 'off',
  required = false,
  rows,
  maxLength,
}: FieldProps) {
  const id = useId()
  const onInput = (event: { currentTarget: { value: string } }) => {
    value.value = event.currentTarget.value
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {rows === undefined ? (
        <input
          id={id}
          type={type}
          value={value}
          onInput={onInput}
          autocomplete={autocomplete}
          required={required}
          maxLength={maxLength}
        />
      ) : (
        <textarea id={id} rows={rows} value={value} onInput={onInput} required={required} maxLength={maxLength} />
      )}
    </div>
  )
}
