import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { findingTitles } from '../../core/finding-titles.ts'
import type { Gateway } from '../installer/wire.ts'
import { get } from '../shared/api.ts'
import { language } from '../shared/language.ts'
import { base, navigate } from '../shared/router.ts'
import type { Device, Page, Site, WorkOrder } from '../shared/wire.ts'
import { searchWords } from './search-words.ts'
import { isTyping } from './typing.ts'
import { words } from './words.ts'

const waitMs = 200
const sitesShown = 6

interface Hit {
  readonly kind: 'page' | 'site' | 'device' | 'gateway' | 'order'
  readonly id: string
  readonly name: string
  /** Below `/console`. */
  readonly to: string
}

/** One box for places, devices, gateways, orders and pages; `/` goes to it, the arrows through what was found. */
export function Search({ views }: { readonly views: readonly string[] }) {
  const say = searchWords()
  const text = useSignal('')
  const hits = useSignal<readonly Hit[] | null>(null)
  const chosen = useSignal(0)
  const input = useRef<HTMLInputElement>(null)

  useEffect(() => {
    const toBox = (event: KeyboardEvent) => {
      if (event.key !== '/' || isTyping(event.target)) return
      event.preventDefault()
      input.current?.focus()
    }
    addEventListener('keydown', toBox)
    return () => removeEventListener('keydown', toBox)
  }, [])

  const wanted = text.value.trim()
  useEffect(() => {
    hits.value = null
    chosen.value = 0
    if (wanted === '') return undefined
    const asked = new AbortController()
    const timer = setTimeout(async () => {
      const found = await find(wanted, views, asked.signal)
      if (!asked.signal.aborted) hits.value = found
    }, waitMs)
    return () => {
      clearTimeout(timer)
      asked.abort()
    }
  }, [wanted])

  function go(hit: Hit | undefined): void {
    if (hit === undefined) return
    text.value = ''
    input.current?.blur()
    navigate(hit.to)
  }
  function onKey(event: KeyboardEvent): void {
    const last = (hits.value?.length ?? 0) - 1
    if (event.key === 'Escape') text.value = ''
    else if (event.key === 'ArrowDown') chosen.value = Math.min(last, chosen.value + 1)
    else if (event.key === 'ArrowUp') chosen.value = Math.max(0, chosen.value - 1)
    else if (event.key === 'Enter') go(hits.value?.[chosen.value])
    else return
    event.preventDefault()
  }

  return (
    <div class="search">
      <input
        ref={input}
        class="search-box"
        type="search"
        role="combobox"
        aria-label={say.label}
        aria-keyshortcuts="/"
        aria-expanded={hits.value !== null}
        aria-controls="search-results"
        aria-activedescendant={hits.value?.length ? `search-${chosen.value}` : undefined}
        autocomplete="off"
        placeholder={say.hint}
        value={text}
        onInput={(event) => (text.value = event.currentTarget.value)}
        onKeyDown={onKey}
      />
      {hits.value?.length === 0 && (
        <p class="card found" role="status" id="search-results">
          {say.none}
        </p>
      )}
      {hits.value !== null && hits.value.length > 0 && (
        <div class="card found" id="search-results" role="listbox" aria-label={say.results}>
          {hits.value.map((hit, index) => (
            <a
              key={hit.to}
              id={`search-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen.value}
              href={base + hit.to}
              onClick={() => (text.value = '')}
            >
              <span class="muted">{say.kinds[hit.kind]}</span> <strong>{hit.name}</strong> <code>{hit.id}</code>
            </a>
          ))}
        </div>
      )}
    </div>
  )
}

/** What is not there, or not theirs, is not found; so is what could not be asked just now. */
async function find(text: string, views: readonly string[], signal: AbortSignal): Promise<Hit[]> {
  const one = <Thing,>(path: string) => get<Thing>(path, {}, signal).catch(notFound)
  const isId = /^[a-zA-Z0-9_-]{1,64}$/.test(text)
  const isOrder = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(text)
  const [sites, device, gateway, order] = await Promise.all([
    get<Page<Site>>('/sites', { text, limit: sitesShown }, signal).catch(notFound),
    isId ? one<Device>(`/devices/${text}`) : undefined,
    isId ? one<Gateway>(`/gateways/${text}`) : undefined,
    isOrder ? one<WorkOrder>(`/work-orders/${text}`) : undefined,
  ])
  const names: Readonly<Record<string, string>> = words().views
  const pages = views.filter((view) => names[view]?.toLowerCase().includes(text.toLowerCase()))
  return [
    ...(order ? [{ kind: 'order' as const, id: order.id, name: titleOf(order), to: `/crew/${order.id}` }] : []),
    ...(device
      ? [{ kind: 'device' as const, id: device.id, name: device.name ?? '', to: `/devices/${device.id}` }]
      : []),
    ...(gateway
      ? [
          {
            kind: 'gateway' as const,
            id: gateway.id,
            name: gateway.name ?? '',
            to: `/operate?view=gateways&gateway=${gateway.id}`,
          },
        ]
      : []),
    ...(sites?.items ?? []).map((site) => {
      return { kind: 'site' as const, id: site.id, name: site.name, to: `/operate?view=sites&site=${site.id}` }
    }),
    ...pages.map((view) => ({ kind: 'page' as const, id: '', name: names[view] ?? view, to: `/operate?view=${view}` })),
  ]
}

const notFound = () => undefined

function titleOf({ finding }: WorkOrder): string {
  return findingTitles(language.value)[finding] ?? finding
}
