import { createHash, randomUUID } from 'node:crypto'
import type { WorkOrder } from '../core/incident.ts'
import type { Site } from '../core/site.ts'
import { type LinkAction, type Locale, localMinute, type Words, words } from '../core/words.ts'
import { minutesTo } from '../workorders/wording.ts'

const style = `
:root { color-scheme: light dark; --line: light-dark(#d0d4da, #3a4048); --good: light-dark(#0a6b3d, #5fd39a); --bad: light-dark(#b3261e, #ff8a80); --act: light-dark(#0b57d0, #a8c7fa); --on-act: light-dark(#fff, #062e6f) }
body { margin: 0 auto; max-width: 34rem; padding: 1rem 1rem 2rem; font: 1.125rem/1.5 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif }
h1 { margin: 0 0 .5rem; font-size: 1.5rem } .state { margin: 0; font-size: 1.125rem } .left { margin: .5rem 0 1rem; font-size: 2.25rem; font-weight: 700; font-variant-numeric: tabular-nums }
dl { margin: 1.5rem 0 0 } dt { font-size: .875rem; opacity: .75 } dd { margin: 0 0 .75rem; overflow-wrap: anywhere }
form { margin: 0 0 .75rem } button { width: 100%; min-height: 4rem; border: 0; border-radius: .75rem; background: var(--act); color: var(--on-act); font: inherit; font-size: 1.375rem; font-weight: 600 }
.note { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem } .good { color: var(--good) } .bad { color: var(--bad) }
`

const styleHash = createHash('sha256').update(style).digest('base64')
export const pagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`

interface OrderPage {
  readonly language: Locale
  readonly order: WorkOrder
  /** Where it is, nearest first. */
  readonly sites: readonly Site[]
  readonly buttons: readonly LinkAction[]
  /** Path of the page. */
  readonly path: string
  readonly now: number
  /** What was just asked for is done, or why it is not. */
  readonly done?: true
  readonly problem?: string
}

/** One order on a phone: what, where, how long is left, and what its reader may do. No script; the buttons are forms. */
export function orderPage(page: OrderPage): string {
  const { language, order, sites, buttons, path, done, problem } = page
  const say = words[language]
  const title = say.findings[order.finding] ?? order.summary
  const told = problem === undefined ? (done ? note('good', say.page.done) : '') : note('bad', problem)
  const forms = buttons.map((action) => button(say, path, action)).join('\n')
  return document(
    language,
    say.page.title,
    `<h1>${escaped(title)}</h1>
<p class="state">${escaped(stateOf(order, say))}</p>
${countdown(page, say)}
${told}
${forms === '' ? `<p>${escaped(say.page.nothingToDo)}</p>` : forms}
<dl>${factsOf(order, sites, say)
      .map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`)
      .join('')}</dl>
<p><a href="${path}?lang=${language === 'en' ? 'zh-CN' : 'en'}">${escaped(say.page.otherLanguage)}</a></p>`,
  )
}

export function notFoundPage(say: Words['page'], language: Locale): string {
  return document(
    language,
    say.notFoundTitle,
    `<h1>${escaped(say.notFoundTitle)}</h1>\n<p>${escaped(say.notFound)}</p>`,
  )
}

function document(language: Locale, title: string, body: string): string {
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
<style>${style}</style>
<body>
<main>
${body}
</main>
</body>
</html>
`
}

/** Counted when the page is made: reloading it counts anew. */
function countdown({ order, now }: OrderPage, say: Words): string {
  const isOver = order.arrivedAt !== null || order.closedAt !== null || order.cancelledAt !== null
  if (order.arriveBy === null || isOver) return ''
  const minutes = minutesTo(order.arriveBy, now)
  return `<p class="left${minutes < 0 ? ' bad' : ''}">${escaped(say.minutesLeft(minutes))}</p>`
}

function note(tone: 'good' | 'bad', text: string): string {
  return `<p class="note ${tone}" role="status">${escaped(text)}</p>`
}

function stateOf({ state, technicianId }: WorkOrder, say: Words): string {
  return technicianId === null ? say.states[state] : `${say.states[state]} (${technicianId})`
}

/** Each button of each page has a key: tapped twice, it acts once. */
function button(say: Words, path: string, action: LinkAction): string {
  return `<form method="post" action="${path}/${action}"><input type="hidden" name="key" value="${randomUUID()}"><button>${escaped(say.page.actions[action])}</button></form>`
}

function factsOf(order: WorkOrder, sites: readonly Site[], say: Words): [string, string][] {
  const { labels } = say
  const nearest = (value: (site: Site) => string | null) => sites.map(value).find((text) => text !== null) ?? null
  const path = sites.map(({ name }) => name).reverse()
  const where = [path.join(' / '), nearest((site) => site.address), order.deviceId].filter(Boolean).join(', ')
  const facts: [string, string | null][] = [
    [labels.where, where || null],
    [labels.onSiteBy, order.arriveBy === null ? null : localMinute(order.arriveBy)],
    [labels.due, order.dueAt === null ? null : localMinute(order.dueAt)],
    [labels.details, order.summary],
    [labels.entrance, nearest((site) => site.entrance)],
    [labels.plan, nearest((site) => site.emergencyPlan)],
    [labels.detected, localMinute(order.detectedAt)],
    [labels.order, order.id],
  ]
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value]]))
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
