import { useSignal, useSignalEffect } from '@preact/signals'
import { Field } from '../shared/components/field.tsx'
import { place, setQuery } from '../shared/router.ts'

/** A text to filter by that stands in the address, so that the view can be sent as a link. */
export function Filter({ label, name = 'q' }: { readonly label: string; readonly name?: string }) {
  const text = useSignal(place.value.query.get(name) ?? '')
  useSignalEffect(() => {
    const wanted = text.value === '' ? null : text.value
    if (place.peek().query.get(name) !== wanted) setQuery({ [name]: wanted })
  })
  return <Field label={label} value={text} type="search" />
}
