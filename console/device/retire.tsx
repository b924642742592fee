import { useSignal } from '@preact/signals'
import { request } from '../shared/api.ts'
import { Bar } from '../shared/components/bar.tsx'
import { Button } from '../shared/components/button.tsx'
import { Dialog } from '../shared/components/dialog.tsx'
import { Undone, useDoing } from '../shared/components/doing.tsx'
import { Field } from '../shared/components/field.tsx'
import { Moment } from '../shared/components/moment.tsx'
import { dictionary } from '../shared/language.ts'
import { hasRole } from '../shared/session.ts'
import type { Device } from '../shared/wire.ts'

const words = dictionary({
  en: {
    retired: 'Retired: nothing that is sent for it is taken any more. What was kept of it stays. Since',
    retire: 'Retire this device',
    text: 'Nothing that is sent for it is taken any more, and nobody is told that it is silent. Readings, incidents, orders and evidence stay. It comes back when it is added again under the same id.',
    reason: 'Why',
  },
  'zh-CN': {
    retired: '已停用：不再接收该设备的数据，已有记录全部保留。停用时间：',
    retire: '停用该设备',
    text: '停用后不再接收该设备的数据，也不再提示其失联；读数、事件、工单和证据全部保留。用同一编号重新添加即可恢复使用。',
    reason: '停用原因',
  },
})

interface Props {
  readonly device: Pick<Device, 'id' | 'retiredAt'>
  /** Reads the page anew. */
  readonly again: () => void
}

export function RetiredBar({ device: { retiredAt } }: Pick<Props, 'device'>) {
  if (retiredAt === null) return null
  return (
    <Bar tone="info">
      {words().retired} <Moment at={retiredAt} />
    </Bar>
  )
}

/** For whoever may add devices. */
export function Retire({ device: { id, retiredAt }, again }: Props) {
  const say = words()
  const [isAsked, reason, doing] = [useSignal(false), useSignal(''), useDoing()]
  if (retiredAt !== null || !hasRole(['operator', 'installer'])) return null
  const close = () => {
    isAsked.value = false
  }
  const retire = async () => {
    const path = `/devices/${encodeURIComponent(id)}`
    const isDone = await doing.act(() => request('DELETE', path, { query: { reason: reason.value.trim() } }))
    if (!isDone) return
    close()
    again()
  }
  return (
    <p>
      <Button onClick={() => (isAsked.value = true)}>{say.retire}…</Button>
      {isAsked.value && (
        <Dialog title={`${say.retire}: ${id}`} onClose={close}>
          <div class="device-retire">
            <p>{say.text}</p>
            <Field label={say.reason} value={reason} maxLength={500} required />
            <Undone doing={doing} />
            <Button look="danger" onClick={retire} busy={doing.isBusy} disabled={reason.value.trim() === ''}>
              {say.retire}
            </Button>
          </div>
        </Dialog>
      )}
    </p>
  )
}
