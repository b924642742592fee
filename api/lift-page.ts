import { reportKinds } from '../core/lift-report.ts'
import { localDate, shanghai } from '../core/local-time.ts'
import type { LiftNotice } from './lift-notice.ts'
import type { Taken } from './lift-reports.ts'
import { type LiftWords, liftWords } from './lift-words.ts'
import type { Language } from './messages.ts'
import { escaped, pageLook, pageOf } from './page.ts'

const style = `
:root { color-scheme: light dark; --line: light-dark(#80868f, #7a828c); --good: light-dark(#0a6b3d, #5fd39a); --bad: light-dark(#b3261e, #ff8a80); --act: light-dark(#0b57d0, #a8c7fa); --on-act: light-dark(#fff, #062e6f); --on-bad: light-dark(#fff, #44050a) }
body { margin: 0 auto; max-width: 34rem; padding: 1rem 1rem 2rem; font: 1.125rem/1.5 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif }
h1 { margin: 0; font-size: 1.5rem; overflow-wrap: anywhere } h2 { margin: 2rem 0 .5rem; font-size: 1.25rem } .place { margin: 0 0 1rem } .state { margin: 0 0 1rem; font-size: 1.25rem; font-weight: 600 } a { color: var(--act) }
dl { margin: 1.5rem 0 0 } dt { font-size: .875rem; opacity: .75 } dd { margin: 0 0 .75rem; overflow-wrap: anywhere }
label { display: block; margin: .75rem 0 .25rem } fieldset { margin: 0; padding: 0; border: 0 } legend { padding: 0 } .kind { display: flex; gap: .75rem; align-items: center; min-height: 2.75rem; margin: 0 } .kind input { width: 1.375rem; height: 1.375rem; margin: 0 }
.text { box-sizing: border-box; width: 100%; padding: .75rem; border: 1px solid var(--line); border-radius: .5rem; font: inherit }
button, .tel { display: block; box-sizing: border-box; width: 100%; min-height: 4rem; margin: 1rem 0; padding: .75rem; border: 2px solid var(--act); border-radius: .75rem; background: var(--act); color: var(--on-act); font: inherit; font-size: 1.25rem; font-weight: 600; text-align: center; text-decoration: none }
.trapped button { border-color: var(--bad); background: var(--bad); color: var(--on-bad) } .tel { background: transparent; color: var(--act) } .tel span { white-space: nowrap }
.note:focus { outline: none } .note { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem } .good { color: var(--good) } .bad { color: var(--bad) }
`

const look = pageLook(style, "'self'")
/** The one script offers "I am here" to a crew whose order this browser keeps; everybody else sees the same without it. */
export const liftLook = { ...look, policy: `${look.policy}; script-src 'self'` }
const arrivalScript = '<script src="/console/lift-arrival.js" defer></script>'

interface LiftPage {
  readonly language: Language
  readonly notice: LiftNotice
  /** Path of the page. */
  readonly path: string
  /** What became of a report that was just sent, or why it was not read. */
  readonly said?: Taken | 'wrong' | undefined
}

/** One lift for whoever stands in it; forms, so that any telephone can send them. The first button is for who cannot get out. */
export function liftPage({ language, notice, path, said }: LiftPage): string {
  const say = liftWords[language]
  const { name, deviceId, place, state, help } = notice
  const tone = state === 'in-service' ? ' good' : state === 'out-of-service' ? ' bad' : ''
  const title = name ?? `${say.lift} ${deviceId}`
  const page = pageOf(
    liftLook,
    language,
    title,
    `<p id="crew" hidden><a class="tel" href="/">${escaped(say.iAmHere)}</a></p>
<h1><bdi>${escaped(title)}</bdi></h1>
${place === null ? '' : `<p class="place"><bdi>${escaped(place)}</bdi></p>`}
${said === undefined ? '' : told(say, said, notice)}
<p class="state${tone}">${escaped(say.states[state])}</p>
${help === null ? '' : `<p class="note">${escaped(helpText(say, notice, help))} <a href="${path}?lang=${language}">${escaped(say.lookAgain)}</a></p>`}
${emergency(say, notice)}
${trappedForm(say, `${path}/reports?lang=${language}`)}
${reportForm(say, `${path}/reports?lang=${language}`)}
<dl>${factsOf(say, notice)}</dl>
<p>${otherLanguage(say, language, path)}</p>`,
  )
  return page.replace('<body>', `${arrivalScript}\n<body>`)
}

export function noLiftPage(language: Language): string {
  const say = liftWords[language]
  return pageOf(
    liftLook,
    language,
    say.noLiftTitle,
    `<h1>${escaped(say.noLiftTitle)}</h1>
<p>${escaped(say.noLift)}</p>
<p>${otherLanguage(say, language, '')}</p>`,
  )
}

function otherLanguage(say: LiftWords, language: Language, path: string): string {
  return `<a href="${path}?lang=${language === 'en' ? 'zh-CN' : 'en'}">${escaped(say.otherLanguage)}</a>`
}

function told(say: LiftWords, said: NonNullable<LiftPage['said']>, notice: LiftNotice): string {
  const isGood = said === 'taken' || said === 'known'
  const text = said === 'too-many' && phoneOf(notice) === null ? say.tooManyNoPhone : say.said[said]
  // a page that was just opened says nothing by itself; what has the focus is read
  return `<p class="note ${isGood ? 'good' : 'bad'}" role="status" tabindex="-1" autofocus>${escaped(text)}</p>`
}

/** Whom to call as well is only said where a number stands. */
function helpText(say: LiftWords, notice: LiftNotice, help: NonNullable<LiftNotice['help']>): string {
  return help === 'recorded' && phoneOf(notice) === null ? say.recordedNoPhone : say.help[help]
}

function phoneOf({ emergencyPhone, maintainer }: LiftNotice): string | null {
  return emergencyPhone ?? maintainer?.phone ?? null
}

/** As long as nobody has answered, everybody who may be called. */
function emergency(say: LiftWords, notice: LiftNotice): string {
  const phone = phoneOf(notice)
  if (phone === null) return notice.help === 'recorded' ? '' : `<p>${escaped(say.noEmergencyPhone)}</p>`
  const maintainer = notice.maintainer?.phone ?? phone
  const isBoth = notice.help === 'recorded' && maintainer !== phone
  return call(say.call, phone) + (isBoth ? call(say.callMaintainer, maintainer) : '')
}

function call(name: string, phone: string): string {
  return `<p><a class="tel" href="${telOf(phone)}">${escaped(name)} <span>${escaped(phone)}</span></a></p>`
}

function trappedForm(say: LiftWords, target: string): string {
  return `<form class="trapped" method="post" action="${target}">
<h2>${escaped(say.trappedTitle)}</h2>
<p>${escaped(say.trappedHint)}</p>
<input type="hidden" name="kind" value="trapped">
<button>${escaped(say.kinds.trapped)}</button>
${phoneField(say, 'trapped-phone')}
</form>`
}

function reportForm(say: LiftWords, target: string): string {
  const kinds = reportKinds.filter((kind) => kind !== 'trapped')
  const choices = kinds.map(
    (kind, index) =>
      `<label class="kind"><input type="radio" name="kind" value="${kind}"${index === 0 ? ' required' : ''}> ${escaped(say.kinds[kind])}</label>`,
  )
  return `<form method="post" action="${target}">
<h2>${escaped(say.reportTitle)}</h2>
<fieldset><legend>${escaped(say.kindOfFault)}</legend>${choices.join('')}</fieldset>
<label for="words">${escaped(say.words)}</label>
<textarea class="text" id="words" name="words" rows="3" maxlength="500"></textarea>
${phoneField(say, 'phone')}
<button>${escaped(say.send)}</button>
</form>`
}

function phoneField(say: LiftWords, id: string): string {
  return `<label for="${id}">${escaped(say.phone)}</label>
<input class="text" id="${id}" name="phone" type="tel" autocomplete="tel" maxlength="60">`
}

/** What nobody told us stands there as unknown: an item that is left out looks as if all were well. */
function factsOf(say: LiftWords, { lastMaintenanceAt, maintainer, emergencyPhone, deviceId }: LiftNotice): string {
  const facts = [
    [say.lastMaintenance, lastMaintenanceAt === null ? null : localDate(lastMaintenanceAt, shanghai)],
    [say.maintainer, maintainer?.name ?? null],
    ...(maintainer ? [[say.maintainerPhone, maintainer.phone] as const] : []),
    [say.emergencyPhone, emergencyPhone],
    [say.number, deviceId],
  ] as const
  return facts
    .map(([name, value]) => `<dt>${escaped(name)}</dt><dd><bdi>${escaped(value ?? say.unknown)}</bdi></dd>`)
    .join('')
}

/** RFC 3966, without what only separates digits for the eye. */
function telOf(phone: string): string {
  return `tel:${phone.replace(/[^\d+*#]/g, '').replaceAll('#', '%23')}`
}
