import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Narrowing } from './filter.ts'
import { nameOf } from './names.ts'

/** What a company, an estate or an elevator is called; its id until that is known. */
export function useName(of: Narrowing, id: string): string {
  const name = useSignal(id)
  useEffect(() => {
    name.value = id
    nameOf(of, id).then((found) => {
      name.value = found
    })
  }, [of, id])
  return name.value
}

export function Name({ of, id }: { readonly of: Narrowing; readonly id: string }) {
  return <>{useName(of, id)}</>
}
