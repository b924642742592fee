import { useSignal } from '@preact/signals'
import { Button } from '../shared/components/button.tsx'
import { Dialog } from '../shared/components/dialog.tsx'
import { Field } from '../shared/components/field.tsx'
import type { GatewayDetail } from './wire.ts'
import { words } from './words.ts'

interface GatewayKeysProps {
  readonly gateway: GatewayDetail
  readonly rotate: () => Promise<boolean>
  readonly revoke: () => Promise<boolean>
}

/** A new password, or no way in any more; both are asked about first. */
export function GatewayKeys({ gateway: { id, devices }, rotate, revoke }: GatewayKeysProps) {
  const say = words()
  const asked = useSignal<'rotate' | 'revoke' | null>(null)
  const isBusy = useSignal(false)
  const written = useSignal('')
  const close = () => {
    asked.value = null
    written.value = ''
  }
  async function act(work: () => Promise<boolean>): Promise<void> {
    isBusy.value = true
    await work()
    isBusy.value = false
    close()
  }
  return (
    <div class="row">
      <Button onClick={() => (asked.value = 'rotate')}>{say.rotate}</Button>
      <Button look="link" onClick={() => (asked.value = 'revoke')}>
        {say.revoke}
      </Button>
      {asked.value === 'rotate' && (
        <Dialog title={say.rotateTitle(id)} onClose={close}>
          <div class="fields">
            <p>{say.rotateText}</p>
            <Button look="main" onClick={() => act(rotate)} busy={isBusy.value}>
              {say.rotateDo}
            </Button>
          </div>
        </Dialog>
      )}
      {asked.value === 'revoke' && (
        <Dialog title={say.revokeTitle(id)} onClose={close}>
          <div class="fields">
            <p>{say.revokeText(devices)}</p>
            <Field label={say.revokeType} value={written} />
            <Button
              look="danger"
              onClick={() => act(revoke)}
              busy={isBusy.value}
              disabled={written.value.trim() !== id}
            >
              {say.revokeDo}
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  )
}
