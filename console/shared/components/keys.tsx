import { useEffect, useState } from 'preact/hooks'
import { isTyping } from '../typing.ts'
import { words } from '../words.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { type KeyRow, KeyRows } from './key-rows.tsx'

interface KeysProps {
  /** By the key, letters as small ones. */
  readonly acts: Readonly<Record<string, () => void>>
  readonly rows: readonly KeyRow[]
}

/** The keys of a page, and the map of them under `?`. They act while no dialog is open and nobody writes. */
export function Keys({ acts, rows }: KeysProps) {
  const [isShown, setShown] = useState(false)
  const say = words()
  const show = () => setShown(true)
  useKeys({ ...acts, '?': show })
  return (
    <>
      <Button look="link" shortcut="?" onClick={show} class="keys-button">
        {say.keys}
      </Button>
      {isShown && (
        <Dialog title={say.keys} onClose={() => setShown(false)}>
          <KeyRows rows={[...rows, ['?', say.keysHelp]]} />
        </Dialog>
      )}
    </>
  )
}

function useKeys(acts: KeysProps['acts']): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target, key } = event
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(target)) return
      if (document.querySelector('dialog[open]') !== null) return
      const act = acts[key.length === 1 ? key.toLowerCase() : key]
      if (act === undefined) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [acts])
}
