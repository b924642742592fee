import { randomUUID } from 'node:crypto'
import { type Caller, callersOf } from '../core/callers.ts'
import type { WorkOrder } from '../core/incident.ts'
import { type LinkAction, type Locale, localMinute, type Words, words } from '../core/words.ts'
import type { OrderContent } from '../workorders/notices/order-content.ts'
import { detailOf, membersText, minutesTo, powerOf, stateOf, whatOf, whereOf } from '../workorders/notices/wording.ts'
import { escaped, pageLook, pageOf } from './page.ts'

const style = `
:root { color-scheme: light dark; --line: light-dark(#d0d4da, #3a4048); --good: light-dark(#0a6b3d, #5fd39a); --bad: light-dark(#b3261e, #ff8a80); --act: light-dark(#0b57d0, #a8c7fa); --on-act: light-dark(#fff, #062e6f) }
body { margin: 0 auto; max-width: 34rem; padding: 1rem 1rem 2rem; font: 1.125rem/1.5 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif }
h1 { margin: 0 0 .5rem; font-size: 1.5rem } .state { margin: 0 0 1rem } .state::first-letter { text-transform: uppercase } .left { margin: -.5rem 0 1rem; font-size: 2.25rem; font-weight: 700; font-variant-numeric: tabular-nums }
dl { margin: 1.5rem 0 0 } dt { font-size: .875rem; opacity: .75 } dd { margin: 0 0 .75rem; overflow-wrap: anywhere } a { color: var(--act) }
.tel { display: inline-block; margin: .25rem 0 0 .5rem; padding: .375rem .75rem; border: 1px solid var(--line); border-radius: .5rem; font-weight: 600; text-decoration: none; white-space: nowrap }
form { margin: 0 0 .75rem } button { width: 100%; min-height: 4rem; border: 2px solid var(--act); border-radius: .75rem; background: var(--act); color: var(--on-act); font: inherit; font-size: 1.375rem; font-weight: 600 }
form ~ form button { min-height: 3.5rem; background: transparent; color: var(--act); font-size: 1.125rem }
.note { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem } .good { color: var(--good) } .bad { color: var(--bad) }
`

export const orderLook = pageLook(style, "'self'")

interface OrderPage {
  readonly language: Locale
  readonly order: WorkOrder
  readonly content: OrderContent
  readonly buttons: readonly LinkAction[]
  /** Whether who reported it is for its reader. */
  readonly showsCallers: boolean
  /** Path of the page. */
  readonly path: string
  readonly now: number
  /** What was just asked for is done, or why it is not. */
  readonly done?: boolean
  readonly problem?: string
  /** What others call its reader for. */
  readonly calledFor?: string
}

/** One order on a phone: what, where, how long is left, and what its reader may do. No script; the buttons are forms. */
export function orderPage(page: OrderPage): string {
  const { language, order, content, buttons, path, done, problem, calledFor } = page
  const say = words[language]
  const told = problem === undefined ? (done ? note('good', say.page.done) : '') : note('bad', problem)
  const forms = buttons.map((action) => button(say, `${path}/${action}?lang=${language}`, action)).join('\n')
  const facts = factsOf(order, content, language).map(([name, value]) => fact(name, escaped(value)))
  const callers = page.showsCallers ? callersOf(order.reportedBy).map((caller) => callerFact(caller, say)) : []
  return pageOf(
    orderLook,
    language,
    say.page.title,
    `<h1>${escaped(whatOf(content, say))}</h1>
<p class="state">${escaped(stateOf(order, content.teamName, say))}</p>
${countdown(page, say)}
${calledFor === undefined ? '' : note('bad', calledFor)}
${told}
${forms === '' ? `<p>${escaped(order.mergedIntoId === null ? say.page.nothingToDo : say.page.goesOn)}</p>` : forms}
<dl>${facts.slice(0, 1).join('')}${phones(content, say)}${callers.join('')}${facts.slice(1).join('')}</dl>
<p><a href="${path}?lang=${language === 'en' ? 'zh-CN' : 'en'}">${escaped(say.page.otherLanguage)}</a></p>`,
  )
}

export function notFoundPage(say: Words['page'], language: Locale): string {
  return pageOf(
    orderLook,
    language,
    say.notFoundTitle,
    `<h1>${escaped(say.notFoundTitle)}</h1>\n<p>${escaped(say.notFound)}</p>`,
  )
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

/** Each button of each page has a key: tapped twice, it acts once. */
function button(say: Words, target: string, action: LinkAction): string {
  return `<form method="post" action="${target}"><input type="hidden" name="key" value="${randomUUID()}"><button>${escaped(say.page.actions[action])}</button></form>`
}

function fact(name: string, html: string): string {
  return `<div><dt>${escaped(name)}</dt><dd>${html}</dd></div>`
}

/** Each to be called by a touch. */
function phones({ contacts }: OrderContent, say: Words): string {
  return contacts
    .map(({ role, name, phone }) => {
      const call = phone === null ? '' : ` ${callLink(phone)}`
      return fact(say.contacts[role], `${escaped(name)}${call}`)
    })
    .join('')
}

function callerFact({ name, phone, words: said }: Caller, say: Words): string {
  const call = phone === undefined ? '' : ` ${callLink(phone)}`
  return fact(say.labels.reportedBy, `${escaped([name, said].filter(Boolean).join(': '))}${call}`)
}

function callLink(phone: string): string {
  return `<a class="tel" href="${telOf(phone)}">${escaped(phone)}</a>`
}

/** RFC 3966, without what only separates digits for the eye. */
function telOf(phone: string): string {
  return `tel:${phone.replace(/[^\d+*#]/g, '').replaceAll('#', '%23')}`
}

/** Where it is comes first. */
function factsOf(order: WorkOrder, content: OrderContent, language: Locale): [string, string][] {
  const say = words[language]
  const { labels } = say
  const facts: [string, string | null][] = [
    [labels.where, whereOf(content, say)],
    [labels.members, membersText(content, say)],
    [labels.entrance, content.entrance],
    [labels.plan, content.emergencyPlan],
    [labels.onSiteBy, order.arriveBy === null ? null : localMinute(order.arriveBy)],
    [labels.due, order.dueAt === null ? null : localMinute(order.dueAt)],
    [labels.power, powerOf(content, say)],
    // a figure and its unit stay on one line
    [labels.details, detailOf(content, language)?.replace(/(\d) /g, '$1\u00a0') ?? null],
    [labels.assigned, content.teamName ?? say.nobodyAssigned],
    [labels.detected, localMinute(order.detectedAt)],
    [labels.order, order.id],
  ]
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value]]))
}
