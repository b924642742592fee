import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { SiteAround } from '../site-around.ts'

/** The site in which something is, with a space behind it, as soon as it is known: every estate has a "1 幢". */
export function Around({ id, around }: { readonly id: string | null; readonly around: SiteAround }) {
  const where = useSignal('')
  useEffect(() => {
    around(id).then((text) => (where.value = text))
  }, [id])
  return where.value === '' ? null : <>{where.value} </>
}
