import type { Signal } from '@preact/signals'
import { Field } from '../shared/components/field.tsx'
import { isId } from './setup.ts'
import { words } from './words.ts'

/** An id, in which small and capital letters differ: a phone must not write the first one large by itself. */
export function IdField({ label, value }: { readonly label: string; readonly value: Signal<string> }) {
  return (
    // what is in a form takes it over from there (HTML standard, 6.8.6)
    <form autocapitalize="none" onSubmit={(event) => event.preventDefault()} class="fields">
      <Field label={label} value={value} />
      {value.value !== '' && !isId(value.value) && <p class="wrong">▲ {words().idWrong}</p>}
    </form>
  )
}
