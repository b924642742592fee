import { useEffect } from 'preact/hooks'
import { Button } from '../shared/components/button.tsx'
import { Dialog } from '../shared/components/dialog.tsx'
import { type KeyRow, KeyRows } from '../shared/components/key-rows.tsx'
import { dispatchRoles } from '../shared/roles.ts'
import { hasRole, signOut } from '../shared/session.ts'
import { isTyping } from '../shared/typing.ts'
import { words as sharedWords } from '../shared/words.ts'
import { asking, doOrAsk } from './action-bar.tsx'
import { lastEnded } from './board.ts'
import { acknowledgeAll } from './order-list.tsx'
import { closePanel, panel } from './panel.ts'
import { type DutyAction, dutyActions, keyOf } from './steps.ts'
import { filterBySite, hold, justMoved, move, selectedOrder, selectedRow, toggleStorm } from './view.ts'
import { words } from './words.ts'

const actionOf = new Map<string, DutyAction>(dutyActions.map((action) => [keyOf[action].toLowerCase(), action]))

/** The keys of the room. They act while no dialog is open and nobody is writing; a key that is held down acts once. */
export function useKeys(): void {
  useEffect(() => {
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}

function onKey(event: KeyboardEvent): void {
  const { target, key } = event
  if (isTyping(target) || asking.value !== null || panel.value !== null) return
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
  if (actsOn(key)) event.preventDefault()
}

function actsOn(key: string): boolean {
  switch (key) {
    case 'ArrowDown':
    case 'ArrowUp':
      hold()
      move(key === 'ArrowDown' ? 1 : -1)
      return true
    case 'Escape':
      filterBySite(null)
      return true
    case '?':
      panel.value = 'keys'
      return true
    case '/':
      panel.value = 'search'
      return true
    case 'o':
    case 'O':
      if (!hasRole(dispatchRoles)) return false
      panel.value = 'call'
      return true
    case 'h':
    case 'H':
      panel.value = 'handover'
      return true
    case 'f':
    case 'F':
      toggleFullScreen()
      return true
    default:
      return actOnSelected(key.toLowerCase())
  }
}

function actOnSelected(key: string): boolean {
  if (actionOf.get(key) === 'reopen') return reopenLast()
  const row = selectedRow.value
  if (row?.type === 'storm') {
    // Enter presses the row's own button where one has the focus
    if (key === 'enter' && document.activeElement === document.body) toggleStorm(row.key)
    else if (key === 'a' && !justMoved()) acknowledgeAll(row.orders)
    return key === 'a'
  }
  const action = actionOf.get(key)
  const order = selectedOrder.value
  if (action === undefined || order === null || justMoved()) return false
  hold()
  doOrAsk(action, order)
  return true
}

function reopenLast(): boolean {
  const order = lastEnded.value
  if (order !== null) doOrAsk('reopen', order)
  return order !== null
}

/** The wall screen shows the room and no browser. Where a browser refuses it, all stays as it is. */
function toggleFullScreen(): void {
  const page = document.documentElement
  const changed = document.fullscreenElement === null ? page.requestFullscreen?.() : document.exitFullscreen()
  changed?.catch(() => {})
}

/** The keyboard map, and the way out. */
export function Keys() {
  const say = words()
  const rows: readonly KeyRow[] = [
    ['↑ ↓', say.keysMove],
    ...dutyActions.map((action) => [keyOf[action], say.actions[action]] as const),
    ['Enter', say.keysOpen],
    ['Esc', say.keysFilter],
    ['O', say.keysCall],
    ['/', say.keysSearch],
    ['H', say.keysHandover],
    ['F', say.keysFullScreen],
    ['?', say.keysHelp],
  ]
  return (
    <Dialog title={say.keysTitle} onClose={closePanel}>
      <KeyRows rows={rows} />
      <Button onClick={signOut}>{sharedWords().signOut}</Button>
    </Dialog>
  )
}
