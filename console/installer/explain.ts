import { words as sharedWords } from '../shared/words.ts'
import { topicOf } from './snippets.ts'
import {
  breakIn,
  type ClockError,
  clockErrorIn,
  clockErrorOf,
  foundIn,
  lateMs,
  memberIn,
  quotedIn,
  type Trouble,
} from './trouble.ts'
import { troubleWords } from './trouble-words.ts'

export interface Explanation {
  readonly title: string
  /** How to mend it. */
  readonly mend: string
}

interface At {
  readonly gatewayId: string
  readonly deviceId: string
}

type Explain = (trouble: Trouble, at: At) => Explanation

/** What is wrong and how to mend it, in the language of the page; a reason that is new here is told in the service's own words. */
export function explain(trouble: Trouble, at: At): Explanation {
  const { reason, message } = trouble
  const known = message?.isMapped === true && Object.hasOwn(ofMapped, reason) ? ofMapped : explanations
  const found = Object.hasOwn(known, reason) ? known[reason] : undefined
  const say = troubleWords()
  return found?.(trouble, at) ?? { title: say.other, mend: say['other-mend'](trouble.text) }
}

/** What to say of an accepted reading whose time is long past: kept and sent later, or a slow clock; null when it is recent. */
export function explainLate(at: number, cameAt: number): Explanation | null {
  const behindMs = cameAt - at
  if (behindMs < lateMs) return null
  const say = troubleWords()
  const error = clockErrorOf(-behindMs)
  if (error.zoneHours !== null) return zone(error, error.zoneHours)
  return { title: say['clock-behind'](lengthText(behindMs)), mend: say['clock-behind-mend'] }
}

/** Reasons that need nothing filled in. */
const plain = [
  'foreign-will',
  'qos-2',
  'packet-too-large',
  'malformed-packet',
  'protocol-violation',
  'keepalive-timeout',
  'revoked',
  'too-many',
  'bad-reading',
  'wrong-kind',
  'not-mapped',
  'store-refused',
] as const

const explanations: Readonly<Record<string, Explain>> = {
  'wrong-topic': ({ text }, at) => {
    const say = troubleWords()
    return { title: say['wrong-topic'](quotedIn(text) ?? '—'), mend: say['wrong-topic-mend'](topicOf(at)) }
  },
  'foreign-topic': ({ text }, at) => {
    const say = troubleWords()
    return { title: say['foreign-topic'](quotedIn(text) ?? '—'), mend: say['foreign-topic-mend'](at) }
  },
  'foreign-subscription': ({ text }, at) => {
    const say = troubleWords()
    return { title: say['foreign-subscription'](quotedIn(text) ?? '—'), mend: say['foreign-subscription-mend'](at) }
  },
  'wrong-client-id': ({ text }, at) => {
    const say = troubleWords()
    const given = quotedIn(text)
    const title = given === null ? say['wrong-client-id-password'] : say['wrong-client-id'](given === '' ? '""' : given)
    return { title, mend: say['wrong-client-id-mend'](at) }
  },
  'wrong-credentials': (_, at) => {
    const say = troubleWords()
    return { title: say['wrong-credentials'], mend: say['wrong-credentials-mend'](at) }
  },
  'bad-json': ({ text }) => ({ title: badJsonTitle(text), mend: troubleWords()['bad-json-mend'] }),
  'unknown-device': ({ message }, at) => {
    const say = troubleWords()
    return { title: say['unknown-device'](message?.deviceId ?? '—'), mend: say['unknown-device-mend'](at) }
  },
  'foreign-device': ({ message }) => {
    const say = troubleWords()
    const isInside = message !== null && message.path !== '$'
    const title = isInside ? say['foreign-device-inside'] : say['foreign-device'](message?.deviceId ?? '—')
    return { title, mend: say['foreign-device-mend'] }
  },
  'retired-device': ({ message }) => {
    const say = troubleWords()
    return { title: say['retired-device'](message?.deviceId ?? '—'), mend: say['retired-device-mend'] }
  },
  'bad-time': ({ text }) => {
    const say = troubleWords()
    const title = text.includes('microseconds') ? say['bad-time-micro'] : say['bad-time']
    return { title, mend: say['bad-time-mend'] }
  },
  'clock-ahead': ({ text }) => {
    const say = troubleWords()
    const error = clockErrorIn(text)
    if (error !== null && error.zoneHours !== null) return zone(error, error.zoneHours)
    return {
      title: say['clock-ahead'](error === null ? '—' : lengthText(error.aheadMs)),
      mend: say['clock-ahead-mend'],
    }
  },
  'clock-too-old': ({ text }) => {
    const say = troubleWords()
    // seconds read as milliseconds are in January 1970
    const title = /\b1970-/.test(text) ? say['clock-seconds'] : say['clock-too-old']
    return { title, mend: say['clock-too-old-mend'] }
  },
  'unknown-metric': ({ message }) => {
    const say = troubleWords()
    const path = message?.path ?? ''
    const reason = path.includes('.values') ? 'unknown-metric' : 'misplaced-metric'
    return { title: say[reason](memberIn(path)), mend: say[`${reason}-mend`] }
  },
  'wrong-type': of('wrong-type'),
  'out-of-range': of('out-of-range'),
  'unknown-value': of('unknown-value'),
  'not-a-number': ({ message }) => {
    const say = troubleWords()
    return { title: say['not-a-number'](memberIn(message?.path ?? '')), mend: say['not-a-number-mend'] }
  },
  ...Object.fromEntries(
    plain.map((reason): [string, Explain] => [
      reason,
      () => ({ title: troubleWords()[reason], mend: troubleWords()[`${reason}-mend`] }),
    ]),
  ),
}

/** Of messages in the gateway's own words: what our own words ask for is no help there. */
const ofMapped: Readonly<Record<string, Explain>> = {
  'bad-time': () => ({ title: troubleWords()['mapped-time'], mend: troubleWords()['mapped-time-mend'] }),
  'clock-too-old': ({ text }) => {
    const say = troubleWords()
    // seconds read as milliseconds are in January 1970
    const title = /\b1970-/.test(text) ? say['mapped-seconds'] : say['clock-too-old']
    return { title, mend: say['mapped-time-mend'] }
  },
  'unknown-device': ({ text }) => {
    const say = troubleWords()
    const [, name] = /^(?:No device )?(.+?) is (?:registered|no id)/.exec(text) ?? []
    const title = name === undefined ? say['mapped-device'] : say['unknown-device'](name)
    return { title, mend: say['mapped-device-mend'] }
  },
  'foreign-device': ({ text }) => {
    const say = troubleWords()
    const [, name = '—'] = /^Device (\S+) /.exec(text) ?? []
    return { title: say['foreign-device'](name), mend: say['foreign-device-mend'] }
  },
}

/** A value of a metric that is not accepted: which, and what it was. */
function of(reason: 'wrong-type' | 'out-of-range' | 'unknown-value'): Explain {
  return ({ message, text }) => {
    const say = troubleWords()
    return { title: say[reason](memberIn(message?.path ?? '')), mend: say[`${reason}-mend`](foundIn(text) ?? text) }
  }
}

function badJsonTitle(text: string): string {
  const say = troubleWords()
  if (text.includes('is empty')) return say['bad-json-empty']
  const place = breakIn(text)
  if (place === null) return say['bad-json']
  return place.isEnd ? say['bad-json-end'](place.column) : say['bad-json-at'](place)
}

function zone({ aheadMs }: ClockError, hours: number): Explanation {
  const say = troubleWords()
  const isAhead = aheadMs > 0
  return { title: say['clock-zone'](String(Math.abs(hours)), isAhead), mend: say['clock-zone-mend'](isAhead) }
}

function lengthText(ms: number): string {
  const say = sharedWords()
  const minutes = Math.round(Math.abs(ms) / 60_000)
  const hours = Math.round(minutes / 60)
  if (minutes < 120) return say.minutes(minutes)
  return hours < 48 ? say.hours(hours) : say.days(Math.round(hours / 24))
}
