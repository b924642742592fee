import { useEffect } from 'preact/hooks'
import { deviceRoles } from '../device/roles.ts'
import { reviewRoles } from '../insurer/roles.ts'
import { Button } from '../shared/components/button.tsx'
import { EmptyState } from '../shared/components/empty-state.tsx'
import { Preferences } from '../shared/components/preferences.tsx'
import { dutyRoles } from '../shared/roles.ts'
import { base, navigate } from '../shared/router.ts'
import { hasRole, me, signOut } from '../shared/session.ts'
import { words as sharedWords } from '../shared/words.ts'
import { words } from './words.ts'

const pages = [
  { path: '/duty', name: 'dutyRoom', what: 'dutyRoomWhat', for: dutyRoles },
  { path: '/crew', name: 'crew', what: 'crewWhat', for: ['technician', 'maintainer'] },
  { path: '/devices', name: 'devices', what: 'devicesWhat', for: deviceRoles },
  { path: '/review', name: 'review', what: 'reviewWhat', for: reviewRoles },
  { path: '/install', name: 'install', what: 'installWhat', for: ['operator', 'installer'] },
  { path: '/labels', name: 'labels', what: 'labelsWhat', for: ['operator', 'installer'] },
  { path: '/operate', name: 'operate', what: 'operateWhat', for: ['operator'] },
] as const

/** What there is for whoever signed in. */
export function Page() {
  const say = words()
  useEffect(() => {
    if (me.value === null) navigate('/sign-in', 'replace')
  }, [me.value])
  if (!me.value) return null
  const theirs = pages.filter((page) => hasRole(page.for))
  return (
    <main class="column">
      <header class="column-header">
        <h1>Liftwatt</h1>
        <Preferences />
      </header>
      <p class="muted">{say.signedInAs(me.value.name)}</p>
      {theirs.length === 0 && <EmptyState title={say.nothingForYou} hint={say.nothingHint} />}
      <nav aria-label={say.pages} class="page-links">
        {theirs.map(({ path, name, what }) => (
          <a key={path} href={base + path} class="card">
            <strong>{say[name]}</strong>
            <span class="muted">{say[what]}</span>
          </a>
        ))}
      </nav>
      <Button onClick={signOut}>{sharedWords().signOut}</Button>
    </main>
  )
}
