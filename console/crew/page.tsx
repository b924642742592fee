import { useEffect } from 'preact/hooks'
import { navigate } from '../shared/router.ts'
import { me, rememberCrew } from '../shared/session.ts'
import './crew.css'
import { ListPage } from './list.tsx'
import { OrderPage } from './order.tsx'
import { watchReach } from './reach.ts'
import { readerId } from './shown.ts'
import { type Door, isPlainId } from './wire.ts'
import { words } from './words.ts'

/** An order behind its link (`token`), one of whoever signed in (`id`), or the list of theirs. */
export function Page({ params: { token, id } }: { readonly params: Readonly<Record<string, string>> }) {
  const who = me.value
  useEffect(() => {
    if (who) rememberCrew(who)
  }, [who])
  useEffect(watchReach, [])
  if (![token, id].every((part) => part === undefined || isPlainId(part))) return <Nowhere />
  if (token !== undefined) return <OrderPage key={token} door={{ type: 'link', token }} />
  if (id !== undefined) return <MyOrder id={id} />
  return <ListPage />
}

function Nowhere() {
  const say = words()
  return (
    <main class="crew-page crew-missing">
      <h1>{say.notYours}</h1>
      <p>{say.notYoursHint}</p>
    </main>
  )
}

/** Without a link nobody knows who it is; then it is who it was. */
function MyOrder({ id }: { readonly id: string }) {
  const isOut = me.value === null
  useEffect(() => {
    if (isOut) navigate(`/sign-in?next=${encodeURIComponent(`/crew/${id}`)}`, 'replace')
  }, [isOut, id])
  const accountId = readerId()
  // as long as it is not known who it is, the order's page asks
  if (accountId === '' && me.value !== undefined) return null
  const door: Door = { type: 'session', accountId, orderId: id }
  return <OrderPage key={id} door={door} />
}
