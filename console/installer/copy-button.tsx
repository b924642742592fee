import { useSignal } from '@preact/signals'
import { Button } from '../shared/components/button.tsx'
import { words } from './words.ts'

/** Puts a text where it can be pasted from. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const say = words()
  const state = useSignal<'copy' | 'copied' | 'copyFailed'>('copy')
  async function copy(): Promise<void> {
    state.value = (await copied(text)) ? 'copied' : 'copyFailed'
    setTimeout(() => {
      state.value = 'copy'
    }, 3_000)
  }
  return (
    <Button onClick={copy} label={`${say[state.value]}: ${what}`}>
      {say[state.value]}
    </Button>
  )
}

/** The clipboard of today needs TLS, which a LAN often has not; the one of before works everywhere. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copiedBySelection(text)
  }
}

function copiedBySelection(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.setAttribute('readonly', '')
  area.className = 'unseen'
  document.body.append(area)
  area.select()
  try {
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    area.remove()
  }
}
