import { signal } from '@preact/signals'
import { Button } from '../shared/components/button.tsx'
import { dispatchRoles } from '../shared/roles.ts'
import { hasRole } from '../shared/session.ts'
import type { WorkOrder } from '../shared/wire.ts'
import { act, busy } from './act.ts'
import { type DutyAction, dutyActions, keyOf, mayDo, nextAction } from './steps.ts'
import { words } from './words.ts'

/** Which action asks something first, and about which order; `ended` is one that may leave the list while it is asked. */
export const asking = signal<{
  readonly action: DutyAction
  readonly orderId: string
  readonly ended?: WorkOrder
} | null>(null)

/** What may be done about the selected order now, the next step first among equals; each by its key. */
export function ActionBar({ order }: { readonly order: WorkOrder }) {
  const say = words()
  const next = nextAction(order)
  const isBusy = busy.value.has(order.id)
  if (!hasRole(dispatchRoles)) return null
  return (
    <div class="order-actions">
      {dutyActions
        .filter((action) => mayDo(action, order))
        .map((action) => (
          <Button
            key={action}
            look={action === next ? 'main' : 'plain'}
            shortcut={keyOf[action]}
            busy={isBusy && action !== 'note'}
            onClick={() => doOrAsk(action, order)}
          >
            {say.actions[action]}
          </Button>
        ))}
      {isBusy && (
        <span class="sending" role="status">
          {say.sending}
        </span>
      )}
    </div>
  )
}

/** Whether the order takes it, and whoever is here may. */
export function maySend(action: DutyAction, order: WorkOrder): boolean {
  return mayDo(action, order) && hasRole(dispatchRoles)
}

/** Does at once what needs no word, and asks for the rest. */
export function doOrAsk(action: DutyAction, order: WorkOrder): void {
  if (!maySend(action, order)) return
  if (busy.value.has(order.id) && action !== 'note') return
  switch (action) {
    case 'acknowledge':
    case 'arrive':
    case 'restore':
    case 'tell-passenger':
      act(order.id, action, {})
      return
    default:
      asking.value = { action, orderId: order.id, ...(action === 'reopen' && { ended: order }) }
  }
}
