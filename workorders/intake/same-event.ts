import { type Incident, isEntrapment, type WorkOrder } from '../../core/incident.ts'
import { personInChinese, saysBroken, saysPeopleInside } from './people-inside.ts'
import { anyReport } from './reported.ts'

type About = Pick<WorkOrder, 'finding' | 'summary'>

/** Of who is trapped, where a caller said so in words of their own and named no finding. */
export const reportedEntrapment = 'manual/entrapment'

/** What an order is about from when it is certain. */
export const certain = 'elevator/entrapment'

/** What an elevator shows when somebody is shut in, and hardly otherwise. */
const plainSigns: ReadonlySet<string> = new Set(['elevator/alarm-button', 'elevator/stopped-outside-zone'])

/** What it shows meanwhile, and at other times, too. */
const signs: ReadonlySet<string> = new Set([
  ...plainSigns,
  ...['elevator/run-time-limiter', 'elevator/door-fault', 'elevator/fault-code'],
])

/** Whether a report says that somebody is trapped, or that it seems so. */
export function isAboutPassengers(heard: About): boolean {
  return aboutOf(heard) !== undefined
}

/** The same of what a sensor has found. */
export function isSignOfPassengers(incident: Pick<Incident, 'finding'>): boolean {
  return isEntrapment(incident) || signs.has(incident.finding)
}

/**
 * Whether a report is of the event that an order of the same elevator is about: somebody is trapped, or it seems so. `heard` may
 * name a finding or none; then its words count.
 */
export function isReportOfSameEvent(heard: About, order: About): boolean {
  const about = aboutOf(heard)
  const isSignOrSure = isSignAt(order)
  // of two who only say that it stands, neither need mean what the other does
  return about === 'people' ? isSignOrSure || wordsOf(order) !== undefined : about === 'standstill' && isSignOrSure
}

/** Whether what a sensor has found is of the event that somebody's report of the same elevator has opened the order for. */
export function isFindingOfSameEvent(incident: Pick<Incident, 'finding'>, order: About): boolean {
  if (isEntrapment(incident)) return isSignAt(order) || wordsOf(order) !== undefined
  return signs.has(incident.finding) && (isEntrapment(order) || wordsOf(order) !== undefined)
}

/** Whether an order of the same elevator, opened for a sensor's finding, is of the event of somebody who is found shut in. */
export function isSignAt(order: About): boolean {
  return isEntrapment(order) || plainSigns.has(order.finding)
}

/** Undefined: neither. */
function aboutOf(heard: About): 'people' | 'standstill' | undefined {
  if (isEntrapment(heard)) return 'people'
  return plainSigns.has(heard.finding) ? 'standstill' : wordsOf(heard)
}

function wordsOf({ finding, summary }: About): 'people' | 'standstill' | undefined {
  if (finding !== anyReport) return undefined
  if (saysTrapped(summary)) return 'people'
  return saysStandstill(summary) ? 'standstill' : undefined
}

function saysStandstill(text: string): boolean {
  return standstill.some((words) => words.test(text))
}

/** Whether a caller's words say that somebody is trapped. Unverified default, as are all words here: what they miss is told apart. */
export function saysTrapped(text: string): boolean {
  const said = denials.reduce((rest, denial) => rest.replaceAll(denial, ' '), text)
  if (trapped.some((words) => words.test(said))) return true
  return saysPeopleInside(said) && saysOutOfOrder(said)
}

/** Whether another system says so: in its words or, unless these deny it, by what it calls its finding (`camera/people-trapped`). */
export function tellsOfTrapped({ finding, summary }: About): boolean {
  if (saysTrapped(summary)) return true
  const isDenied = denials.some((denial) => summary.search(denial) >= 0)
  return !isDenied && saysTrapped(finding.replaceAll(/[-/]/g, ' '))
}

/** Whether they say that the car stands where it should not, or that it or its doors do not work. */
export function saysOutOfOrder(text: string): boolean {
  return saysStandstill(text) || saysBroken(text)
}

/** Whether a caller's words are about an elevator. Unverified default, too. */
export function namesElevator(text: string): boolean {
  return /电梯|轿厢|\b(?:lifts?|elevators?)\b/i.test(text)
}

const nobody = '(?:nobody|no ?-?one|none(?: of the (?:people|passengers))?|no (?:people|person|passengers?))'

/** "Nobody came and we are stuck" denies nothing: what follows these words is said of somebody else. */
const ofOthers = '(?:and|but|so|for|we|i|people|persons?|passengers?|some(?:one|body))'

const denials: readonly RegExp[] = [
  new RegExp(`\\b${nobody}\\b(?:(?!\\b${ofOthers}\\b)[^.,;!?]){0,20}\\b(?:trapped|stuck|shut in|locked in)\\b`, 'gi'),
  /\b(?:not|never) (?:really |currently |being )?(?:trapped|stuck|shut in|locked in)\b/gi,
  // 是不是 and 有没有 ask whether; they deny nothing
  /(?:(?<!有|不是)(?:无|没有?)|未|(?<!是)不是(?!没))(?:有|任何)?(?:发生)?(?:人员?|乘客)?(?:被困|受困|困人|关人|困)/g,
]

const family = 'mothers?|fathers?|mum|mom|dad|parents?|wife|husband|sons?|daughters?|grand(?:mother|father|ma|pa)'
const people =
  'people|persons?|passengers?|some(?:one|body)|m[ae]n|wom[ae]n|child|children|kids?|boys?|girls?|residents?'
const limbs = 'hands?|fingers?|arms?|foot|feet|legs?'
const somebody = `(?:${people}|${family}|${limbs}|we|i|he|she|us)(?:['’](?:re|m|s|ve))?`

const trapped: readonly RegExp[] = [
  /\b(?:trapped|entrapments?|shut in|locked in|stuck in(?:side)?(?! the (?:lock|door|slot|gap|track)))\b/i,
  new RegExp(`\\b${somebody}(?: (?:is|are|am|has|have|been|still|got|seems?(?: to be)?)){0,3} stuck\\b`, 'i'),
  /\b(?:can ?not|can['’]t|could(?:n['’]t| not)|unable to) (?:(?:get|come) out|(?:leave|exit) the (?:lift|elevator|car|cabin))\b/i,
  /\b(?:banging|knocking|hammering|kicking|shouting|screaming|crying|calling)\b[^.,;!?]{0,30}\bfrom (?:the )?inside\b/i,
  /\b(?:shouting|screaming|crying)\b[^.,;!?]{0,30}\bfrom (?:the )?(?:lift|elevator|car|cabin)\b(?! (?:company|lobby|hall|park|doors?|machine|motor))/i,
  /\bstranded in(?:side)? (?:the |a |an )?(?:lift|elevator|car|cabin)\b|\bdoors? (?:closed|shut) on (?:us|me|him|her|them)\b/i,
  /困人|被困|受困|困在|困住|关人|关在(?:电梯|里|轿厢)|出不(?:来|去)/,
  /(?<!防)困梯(?!(?:应急|救援)?(?:演[练习]|预案|培训)|已(?:经)?(?:解除|处[理置]|结束))/,
  new RegExp(`${personInChinese}(?:还|都|一直|已经?)*滞留在?(?:电梯|轿厢|梯[里内])(?![口厅门外旁前])`),
  new RegExp(`${personInChinese}(?:也|都|一直)*(?:无法|不能|没法)(?:离开|走出)(?:电梯|轿厢)(?![口厅门外旁前])`),
  new RegExp(`${personInChinese}(?:还|都)?[锁关卡夹憋]在?里[面边头]|(?:电梯|轿厢)[里内中]?(?:面)?憋着`),
  /(?:被|给|[人孩子娃妈爸爷奶太哥姐弟妹姨叔伯们我你他她])[锁关卡夹]在?(?:电梯|轿厢)门?[里内中]/,
  /(?:人|[我你他她]们?|孩子?|老太太|小哥|手指?|脚|腿|胳膊|头)(?:还|都|已经)?[被给](?:电梯|轿厢)?门?[夹锁关卡](?![^，。；！？]{0,4}(?:已经?|就)?(?:走|没事|出来))/,
]

/** The car stands where it should not, or somebody in it calls. */
const standstill: readonly RegExp[] = [
  /\b(?:lift|elevator|car|cabin|it)\b[^.,;!?]{0,20}\b(?:stopped(?! working)|stuck|stands still|halted|not moving|does(?:n['’]t| not) move)\b/i,
  /\bbetween (?:two |the )?floors\b|\balarm (?:button|bell)\b|\b(?:calls?|calling|cry|cries|crying|shouts?|shouting) for help\b/i,
  /(?:电梯|轿厢)[^，。；！？]{0,6}(?<!没有?|未|按钮|按键)(?:停在|停住|停梯|卡住|卡在|不动|不走)|两层之间|层间|警铃|警报按钮|按铃|[拍敲砸捶踢]门|(?:没|无)人应|呼救|求救|喊救命/,
]
