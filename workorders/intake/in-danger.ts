import { personInChinese, personInEnglish } from './people-inside.ts'

/*
 * Somebody is hurt, or the car itself does what hurts: nobody is shut in by that, but whoever goes there goes now. What is denied, feared,
 * over, or only rehearsed says nothing of it. All words are unverified defaults.
 */

const further = '[^，。；！？,.;!?]'
const byNow = '(?:还|都|也|已经?|刚刚?|突然|忽然|一下子?|不小心|好像|疑似|可能|直接|又|发生|出现)*'

const hurtInChinese = `(?:晕[倒厥]|晕过去|猝死|昏倒|昏迷|昏过去|休克|不省人事|没(?:有)?呼吸|呼吸困难|喘不[过上]气|窒息|心脏病|心梗|抽搐|流血|流了[很好许]多血|出血|吐血|骨折|受伤|[摔砸夹压撞割烧烫]伤|触电|电击|临产|要生了|夹[到住了着伤]?[老小大男女]?${personInChinese})`
const downInChinese = '(?:晕了|摔倒|摔了|倒下|倒在)'
const fallsInChinese = '(?:坠落|下坠|急坠|坠梯|坠井|蹲底|冲顶|溜梯|掉层|自由落体)'
const inChinese = `(?:${hurtInChinese}|${downInChinese}|${fallsInChinese})`
const hurtInEnglish = '(?:faint(?:ed|ing)?|unconscious|hurt|injur(?:ed|ies|y)|bleeding|electrocuted|electric shock)'
const fallsInEnglish = '(?:fell|fallen|dropped|plunged)'

/** Of another day, or of none. */
const notNow =
  /昨[天日晚]|前[天日]|上个?(?:周|月|次|星期)|去年|以前|之前|曾|演[练习]|预案|培训|\b(?:yesterday|last (?:week|month|year|time)|(?:days?|weeks?|months?|years?) ago|drill|exercise|training|rehearsal)\b/i

const denials: readonly RegExp[] = [
  // 有没有 asks whether, and without 呼吸 is no denial
  new RegExp(
    `(?:(?<!有|不是)(?:无|没有?)|未|(?<!是)不是(?!没))(?:有|任何|再)?(?:发生|出现|造成|导致)?(?:人员?|乘客)?(?:被)?${inChinese}`,
    'g',
  ),
  new RegExp(
    `(?:总是?|经常|老是|老(?=夹)|常常|时常|每次|有时|偶尔|容易|会(?=被?[夹触])|(?<!恐)怕(?!是)|担心|(?<!不)小心|(?<!消)防止?|避免|以免|差点儿?|险些|可能使)${further}{0,3}${inChinese}`,
    'g',
  ),
  new RegExp(`${inChinese}的?(?:风险|危险|隐患|试验|测试|保护|装置)`, 'g'),
  new RegExp(
    `(?:\\b(?:nobody|no ?-?one|none(?: of \\w+(?: \\w+)?)?|no (?:people|persons?|passengers?)|not|never|no|without|(?:risks?|danger|hazard|fear) of)|n['’]t)(?: (?:is|are|was|were|has|have|been|got|any))* (?:${hurtInEnglish}|${fallsInEnglish})\\b`,
    'gi',
  ),
]

const hurt: readonly RegExp[] = [
  new RegExp(hurtInChinese),
  new RegExp(`${personInChinese}${byNow}(?:在(?:电梯|轿厢)[里内中]?)?${byNow}${downInChinese}`),
  new RegExp(`${personInChinese}${byNow}(?:掉|坠|摔|跌)[入进下到落]了?(?:电梯)?(?:井|底坑)`),
  /\b(?:faint(?:ed|ing)|unconscious|passed out|not breathing|(?:can ?not|can['’]t) breathe|heart attack|injured|electrocuted|electric shock|suffocat(?:ed|ing))\b/i,
  new RegExp(
    `\\b${personInEnglish}(?:['’](?:re|m|s|ve))?(?: (?:is|are|am|was|were|has|have|been|got|badly|seriously))* (?:bleeding|hurt|collapsed|fallen|(?:hit|crushed|caught|struck|squeezed) (?:by|between|in) (?:the )?(?:lift |elevator |car )?doors?|fell (?:in)?to the (?:lift |elevator )?(?:shaft|pit))\\b`,
    'i',
  ),
]

const carIsDangerous: readonly RegExp[] = [
  new RegExp(
    `(?:^|[，。；！？,.;!?\\s]|电梯|轿厢|从${further}{1,4}[楼层])${byNow}(?:坠落|下坠|急坠|急速下[滑降]|往下掉)`,
  ),
  /坠梯|蹲底|冲顶|溜梯|掉层|自由落体/,
  new RegExp(`(?:电梯|轿厢)${byNow}掉(?:下[来去]|了?[一二两三四五六七八九十几\\d]+[层楼])`),
  /\bfree ?-?fall/i,
  /\b(?:lift|elevator|car|cabin)(?: (?:has|had|just|suddenly|is|was))* (?:fell|fallen|falling|dropped|plunged)(?=\s*(?:$|[.,;!?])| (?:\d|down|several|two|three|some|a few|with|and|to the|from (?:the )?(?:\d|\w+ floor)))/i,
]

/** Whether a caller's words say that somebody is hurt, or about to die, wherever that is. */
export function saysHurt(text: string): boolean {
  const said = saidOfNow(text)
  return hurt.some((words) => words.test(said))
}

/** Whether they say, of an elevator, that the car fell, or moved as it must not. */
export function saysCarIsDangerous(text: string): boolean {
  const said = saidOfNow(text)
  return carIsDangerous.some((words) => words.test(said))
}

function saidOfNow(text: string): string {
  const parts = text.split(/(?<=[，。；！？,.;!?\n])/).filter((part) => !notNow.test(part))
  return denials.reduce((rest, denial) => rest.replaceAll(denial, '…'), parts.join(''))
}
