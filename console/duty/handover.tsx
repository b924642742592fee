import { useSignal } from '@preact/signals'
import { now, serverNow } from '../shared/clock.ts'
import { Button } from '../shared/components/button.tsx'
import { Dialog } from '../shared/components/dialog.tsx'
import { EmptyState } from '../shared/components/empty-state.tsx'
import { Field } from '../shared/components/field.tsx'
import { SeverityMark } from '../shared/components/severity.tsx'
import { dispatchRoles } from '../shared/roles.ts'
import { hasRole } from '../shared/session.ts'
import { clockTime } from '../shared/time.ts'
import type { WorkOrder } from '../shared/wire.ts'
import { words as sharedWords } from '../shared/words.ts'
import { act, endShelf } from './act.ts'
import { openOrders, shelves, today } from './board.ts'
import { closePanel } from './panel.ts'
import { memberName, teamName, whereText } from './places.ts'
import { titleOf } from './titles.ts'
import { words } from './words.ts'

const hourMs = 3_600_000
const logHours = [12, 24, 168] as const

/** What the next shift must know: every open order, what is shelved, a remark that stays with the orders, and the log as a file. */
export function Handover() {
  const say = words()
  const note = useSignal('')
  const told = useSignal<string | null>(null)
  const open = openOrders.value
  const write = async () => {
    const text = `${say.handoverPrefix}: ${note.value.trim()}`
    let written = 0
    for (const { id } of open) if (await act(id, 'note', { note: text })) written += 1
    told.value = say.written(written)
  }
  const copy = async () => {
    const lines = [...open.map(lineOf), note.value.trim()].filter((line) => line !== '')
    await navigator.clipboard.writeText(lines.join('\n'))
    told.value = say.copied
  }
  return (
    <Dialog title={`${say.handoverTitle} · ${clockTime(now.peek(), 0)}`} onClose={closePanel}>
      <div class="form handover">
        <p class="muted">{say.handoverHint}</p>
        <Field label={say.handoverNote} value={note} rows={3} />
        <ul class="handover-list">
          {open.map((order) => (
            <li key={order.id}>
              <SeverityMark of={order.severity} shapeOnly /> {lineOf(order)}
            </li>
          ))}
        </ul>
        <p>
          {say.endedToday(today.value.length)} · {say.shelved(shelves.value.length)}
        </p>
        <p role="status">{told.value}</p>
        <div class="choices">
          <Button
            look="main"
            onClick={write}
            disabled={note.value.trim() === '' || open.length === 0 || !hasRole(dispatchRoles)}
          >
            {say.writeToOrders(open.length)}
          </Button>
          {/* the clipboard is there with TLS only */}
          {navigator.clipboard !== undefined && <Button onClick={copy}>{say.copy}</Button>}
          <Button onClick={() => print()}>{say.print}</Button>
        </div>
        <h3>{say.dutyLog}</h3>
        <div class="choices">
          {logHours.map((hours) => (
            <a key={hours} class="button" href={logPath(hours)} download>
              {say.logHours(hours)}
            </a>
          ))}
        </div>
      </div>
    </Dialog>
  )
}

function lineOf(order: WorkOrder): string {
  const { state, teamId, technicianId, detectedAt } = order
  const who = [teamName(teamId), memberName(technicianId)].filter(Boolean).join(' ') || words().unassigned
  const parts = [
    titleOf(order),
    whereText(order),
    sharedWords().states[state],
    who,
    clockTime(Date.parse(detectedAt), 0),
  ]
  return parts.filter(Boolean).join(' · ')
}

function logPath(hours: number): string {
  const from = new Date(serverNow() - hours * hourMs).toISOString()
  return `/api/v1/work-orders/export?format=csv&from=${encodeURIComponent(from)}`
}

/** What is shelved now, by whom, why and until when. */
export function Shelves() {
  const say = words()
  return (
    <Dialog title={say.shelvedTitle} onClose={closePanel}>
      {shelves.value.length === 0 && <EmptyState title={say.nothingShelved} hint={say.nothingShelvedHint} />}
      <ul class="handover-list">
        {shelves.value.map(({ id, scope, finding, reason, endsAt, createdBy }) => (
          <li key={id}>
            <strong>{finding === null ? '' : titleOf({ finding, summary: finding })}</strong> {scope.id} · {reason} ·{' '}
            {createdBy} · {say.until} {endsAt === null ? '—' : clockTime(Date.parse(endsAt), now.peek())}
            {hasRole(dispatchRoles) && (
              <Button look="link" onClick={() => endShelf(id)}>
                {say.endNow}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
