import { get } from '../shared/api.ts'
import { Dialog } from '../shared/components/dialog.tsx'
import { Moment } from '../shared/components/moment.tsx'
import { SearchBox } from '../shared/components/search-box.tsx'
import { SeverityMark } from '../shared/components/severity.tsx'
import { titleOf } from '../shared/finding.ts'
import { base } from '../shared/router.ts'
import { stateText } from '../shared/state-text.ts'
import type { WorkOrder } from '../shared/wire.ts'
import { doOrAsk, maySend } from './action-bar.tsx'
import { openOrders, orders, today } from './board.ts'
import { find, type Hit } from './find.ts'
import { NamedDevice, NamedSite } from './named.tsx'
import { closePanel } from './panel.ts'
import { needAround, whereText } from './places.ts'
import { isOpen } from './steps.ts'
import { filterBySite, goTo } from './view.ts'
import { words } from './words.ts'

/** What somebody on the phone speaks of. The room stays: what is elsewhere opens in a tab of its own. */
export function Search() {
  const say = words()
  return (
    <Dialog title={say.search} onClose={closePanel}>
      <SearchBox<Hit>
        words={say.searching}
        find={async (text, signal) => {
          const found = await find(text, [...openOrders.value, ...today.value], (path, query) =>
            get(path, query, signal),
          )
          needAround(found.hits)
          return found
        }}
        keyOf={(hit) => `${hit.kind} ${idOf(hit)}`}
        hrefOf={(hit) => base + pathOf(hit)}
        choose={choose}
        show={(hit) => <Shown hit={hit} />}
      />
    </Dialog>
  )
}

function choose(hit: Hit): void {
  closePanel()
  const order = hit.kind === 'order' ? (orders.value.get(hit.order.id) ?? hit.order) : undefined
  if (order !== undefined && isOpen(order) && orders.value.has(order.id)) goTo(order)
  else if (order !== undefined && maySend('reopen', order)) doOrAsk('reopen', order)
  else if (hit.kind === 'site') filterBySite(hit.site.id)
  else open(base + pathOf(hit), '_blank', 'noopener')
}

function idOf(hit: Hit): string {
  if (hit.kind === 'order') return hit.order.id
  return hit.kind === 'device' ? hit.device.id : hit.site.id
}

function pathOf(hit: Hit): string {
  const id = encodeURIComponent(idOf(hit))
  if (hit.kind === 'site') return `/duty?site=${id}`
  return hit.kind === 'device' ? `/devices/${id}` : `/crew/${id}`
}

function Shown({ hit }: { readonly hit: Hit }) {
  const say = words()
  if (hit.kind === 'order') return <ShownOrder order={hit.order} />
  if (hit.kind === 'device') return <NamedDevice what={say.device} device={hit.device} />
  return <NamedSite site={hit.site} />
}

function ShownOrder({ order }: { readonly order: WorkOrder }) {
  const { severity, detectedAt } = order
  return (
    <>
      <SeverityMark of={severity} shapeOnly />{' '}
      <strong>
        <bdi>{titleOf(order)}</bdi>
      </strong>{' '}
      <bdi>{whereText(order)}</bdi>{' '}
      <span class="muted">
        {stateText(order)} · <Moment at={detectedAt} />
      </span>
    </>
  )
}
