import { now } from '../shared/clock.ts'
import { Button } from '../shared/components/button.tsx'
import { Dialog } from '../shared/components/dialog.tsx'
import { EmptyState } from '../shared/components/empty-state.tsx'
import { titleOf } from '../shared/finding.ts'
import { dispatchRoles } from '../shared/roles.ts'
import { hasRole } from '../shared/session.ts'
import { clockTime } from '../shared/time.ts'
import { endShelf } from './act.ts'
import { shelves } from './board.ts'
import { closePanel } from './panel.ts'
import { words } from './words.ts'

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
