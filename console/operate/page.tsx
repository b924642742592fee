import { useRef } from 'preact/hooks'
import { Keys } from '../shared/components/keys.tsx'
import { Preferences } from '../shared/components/preferences.tsx'
import { isOperatorOfAll } from '../shared/roles.ts'
import { base, navigate, place } from '../shared/router.ts'
import { me } from '../shared/session.ts'
import { words as sharedWords } from '../shared/words.ts'
import { AccountsView } from './accounts/accounts.tsx'
import { AuditView } from './audit/audit.tsx'
import { ChannelsView } from './channels.tsx'
import { GatewaysView } from './gateways/gateways.tsx'
import { QuarantineView } from './gateways/quarantine.tsx'
import { TeamsView } from './people/teams.tsx'
import { PlansView } from './plans/plans.tsx'
import { RulesView } from './rules/rules.tsx'
import { Search } from './search/search.tsx'
import { SitesView } from './sites/sites.tsx'
import { StatusView } from './status/status.tsx'
import { words } from './words.ts'
import '../installer/installer.css'
import './operate.css'

const views = [
  { name: 'status', View: StatusView, isForAll: false },
  { name: 'sites', View: SitesView, isForAll: false },
  { name: 'gateways', View: GatewaysView, isForAll: false },
  { name: 'teams', View: TeamsView, isForAll: true },
  { name: 'plans', View: PlansView, isForAll: true },
  { name: 'rules', View: RulesView, isForAll: true },
  { name: 'accounts', View: AccountsView, isForAll: true },
  { name: 'channels', View: ChannelsView, isForAll: true },
  { name: 'quarantine', View: QuarantineView, isForAll: false },
  { name: 'audit', View: AuditView, isForAll: true },
] as const

/** From 1 to 9, then 0, as they lie on the keyboard. */
const keyAt = (index: number) => `${(index + 1) % 10}`
const show = (view: string) => navigate(`/operate?view=${view}`)

/** How the service is, and what an operator sets. */
export function Page() {
  const [say, common] = [words(), sharedWords()]
  const search = useRef<HTMLInputElement>(null)
  const mayAll = isOperatorOfAll(me.value?.memberships ?? [])
  const theirs = views.filter(({ isForAll }) => mayAll || !isForAll)
  const shown = theirs.find(({ name }) => name === place.value.query.get('view')) ?? views[0]
  return (
    <div class="install operate">
      <header class="install-header">
        <h1>{say.title}</h1>
        <Search views={theirs.map(({ name }) => name)} input={search} />
        <a href={`${base}/`}>{common.home}</a>
        <Keys
          acts={{
            ...Object.fromEntries(theirs.map(({ name }, index) => [keyAt(index), () => show(name)])),
            '/': () => search.current?.focus(),
          }}
          rows={[
            [theirs.map((_, index) => keyAt(index)).join(' '), common.keysPages],
            ['/', common.keysFind],
          ]}
        />
        <Preferences />
      </header>
      <nav aria-label={say.title} class="tabs">
        {theirs.map(({ name }) => (
          <a
            key={name}
            class="tab"
            href={`${base}/operate?view=${name}`}
            aria-current={name === shown.name ? 'page' : undefined}
          >
            {say.views[name]}
          </a>
        ))}
      </nav>
      <main class="view" aria-label={say.views[shown.name]}>
        <h2>{say.views[shown.name]}</h2>
        <shown.View key={shown.name} />
      </main>
    </div>
  )
}
