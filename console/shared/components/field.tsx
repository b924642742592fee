import type { Signal } from '@preact/signals'
import { useId } from 'preact/hooks'

/** What is written is kept in a signal, or by who holds the text. */
type Held =
  | { readonly value: Signal<string>; readonly onInput?: never }
  | { readonly value: string; readonly onInput: (text: string) => void }

type FieldProps = Held & {
  readonly label: string
  readonly type?: 'text' | 'email' | 'password' | 'date' | 'time' | 'datetime-local' | 'search'
  readonly autocomplete?: string
  readonly required?: boolean
  /** More than one line. */
  readonly rows?: number
  /** In UTF-16 units, as the browser counts. */
  readonly maxLength?: number
  /** Of the texts that are offered. */
  readonly list?: string
  /** A path or a name, of which no spelling is known. */
  readonly isCode?: boolean
}

/** A label and what is written under it. */
export function Field({ label, value, onInput, type = 'text', autocomplete = 'off', rows, list, ...rest }: FieldProps) {
  const id = useId()
  const { required = false, maxLength, isCode = false } = rest
  const shared = {
    ...{ id, value, required, maxLength },
    ...(isCode && { spellcheck: false }),
    onInput({ currentTarget }: { readonly currentTarget: { readonly value: string } }) {
      if (typeof value === 'string') onInput?.(currentTarget.value)
      else value.value = currentTarget.value
    },
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {rows === undefined ? (
        <input {...shared} type={type} autocomplete={autocomplete} list={list} />
      ) : (
        <textarea {...shared} rows={rows} />
      )}
    </div>
  )
}
