/*
 * Whoever sees a car that stands seldom says "trapped": "电梯坏了，有小孩在里面", "There are people inside, the lift does not move".
 * What such sentences have in common: a person, inside, and a car or its doors that do not do what they should. All words are
 * unverified defaults.
 */

/** Within one part of a sentence. */
export const further = '[^，。；！？,.;!?]'

export const personInChinese =
  '(?:人|孩|儿童|小朋友|宝宝|婴儿|老太太|大[爷妈叔]|阿姨|爷爷|奶奶|爸|妈|老婆|老公|女儿|儿子|女士|先生|男的|女的|学生|乘客|住户|业主|居民|孕妇|同事|朋友|快递员|外卖员|小哥|骑手|保安)'
const inCar = '(?:里[面边头]|(?:电梯|轿厢|梯)(?:里|内|中)|(?:电梯|轿厢)(?![里内中口外旁边前门机间]))'

export const personInEnglish =
  '(?:people|persons?|passengers?|pax|guests?|tenants?|some(?:one|body)|m[ae]n|wom[ae]n|lady|ladies|child|children|kids?|bab(?:y|ies)|boys?|girls?|residents?|neighbou?rs?|mothers?|fathers?|mum|mom|dad|parents?|wife|husband|sons?|daughters?|grand(?:mother|father|ma|pa)|we|i|he|she|they)'
const inside = '(?:inside|in (?:there|it)|in (?:the|this|our) (?:lift|elevator|car|cabin))'
const nobody =
  '(?:nobody|no ?-?one|none(?: of (?:them|us|the (?:people|passengers)))?|no (?:people|person|passengers?))'

/** Nobody is in it; or who is, works there; or they can walk out. */
const notInside: readonly RegExp[] = [
  // 有没有 asks whether; it denies nothing
  new RegExp(`(?<!有)(?:无|没有?)(?:任何|其他)?${personInChinese}(?:还|正|仍)*在${inCar}`, 'g'),
  /(?:维修|检修|维保|保养|施工)(?:人员|工人?|师傅)/g,
  new RegExp(`在${inCar}?(?:维修|检修|修理|修电梯|保养|作业|施工)|有人(?:维修|检修|修理|修电梯|保养|作业|施工)`, 'g'),
  new RegExp(`\\b${nobody}(?: (?:is|are|was|were|left|still|there))* ${inside}\\b`, 'gi'),
]
const canWalkOut: readonly RegExp[] = [
  /门(?:是|还|都|一直)*(?:开着|敞开)(?!一?[条点半道])/,
  /\bdoors? (?:is|are|stands?|stay(?:s|ed)?) (?:wide )?open\b/i,
]

const peopleInside: readonly RegExp[] = [
  new RegExp(
    `(?:(?:电梯|轿厢)[里内中]?|梯[里内]|(?<!小区|楼|群|家|屋|院|单元|厅|房)里[面边头])(?:还|都|也|正|现在|好像|可能|似乎|应该|是不是)*有(?:没有)?(?:(?![没无])${further}){0,6}${personInChinese}`,
  ),
  new RegExp(`(?:${personInChinese}|[我他她咱]们?)(?:(?![没不])${further}){0,4}在${inCar}`),
  // 里面两个人, 乘客在内
  new RegExp(
    `(?:(?:电梯|轿厢|梯)[里内]|(?<!小区|楼|群|家|屋|院|单元|厅|房)里[面边头])(?:还|都|大概|大约|共|有)*[一二两三四五六七八九十几多\\d]+(?:个|名|位)?${personInChinese}`,
  ),
  new RegExp(`${personInChinese}(?:还|都|也|正|被)*在内(?![部侧容])`),
  // 里面有敲门声
  new RegExp(
    `(?<!小区|楼|群|家|屋|院|单元|厅|房)里[面边头](?:还|一直|好像)*有?${further}{0,3}(?:敲门|拍门|砸门|敲击|呼喊|哭)`,
  ),
  new RegExp(
    `\\b(?:lift|elevator|car|cabin)\\b${further}* with (?:\\w+ ){0,2}${personInEnglish} ?(?:$|[,.;!?]|${inside})`,
    'i',
  ),
  new RegExp(
    `\\b${personInEnglish}(?:['’](?:re|m|s|ve))?(?: (?:is|are|am|was|were|has|have|been|still|left|all|sitting|standing))* ${inside}\\b`,
    'i',
  ),
]

const brokenCar: readonly RegExp[] = [
  /(?<!没有?|未|按钮|按键|钥匙)(?:卡住|卡死|卡在|停在|停住|停梯|停运|停电|掉下[来去]|下坠|坠落|坠梯|蹲底|冲顶|动不了|不动|走不了|骤停)/,
  /(?:电梯|轿厢)(?:又|也|突然|忽然|已经|刚刚?|现在|好像|可能|出了?|发生|有)*(?:坏|卡了|故障|问题|失灵|没反应|停了|没电)/,
  /门(?:也|都|又|怎么都?|一直)*(?:打不开|开不[了开]|不开|没有?打?开)|(?:打不开|开不了)(?:电梯)?门/,
  /(?:^|[，。；！？,.;!?\s])(?:又|突然)?(?:坏了|故障|没电)/,
  /(?<!\b(?:in|of|inside) (?:the|this|our) )\b(?:lift|elevator|car|cabin)(?:['’]s)?(?: (?:is|was|has|had|been|just|suddenly|completely|again))* (?:stuck|stalled|broken?|broke down|out of order|out of service|dead|stopped|failed|jammed|dropped|fell|fallen|plunged|(?:not|does(?:n['’]t| not)|stopped) work(?:ing)?)\b/i,
  /\b(?:(?:wo|does|ca|is|are)n['’]t|will not|does not|can ?not|not) (?:move|moving|go (?:up|down)|run(?:ning)?)\b/i,
  /\b(?:(?:wo|do(?:es)?|ca|is|are)n['’]t|will not|do(?:es)? not|can ?not|(?:is|are) not|refuses? to) open(?:ing)?\b|\bdoors? (?:(?:is|are|got) )?(?:jammed|blocked|stuck)\b/i,
  /\b(?:power (?:cut|failure|outage)|blackout|no (?:power|electricity)|(?:power|electricity)(?:['’]s| is| went| has gone)? (?:out|off|away|gone))\b/i,
]

/** Whether a caller's words say that somebody is in the car, and cannot simply walk out. */
export function saysPeopleInside(text: string): boolean {
  const said = notInside.reduce((rest, denial) => rest.replaceAll(denial, ' '), text)
  return peopleInside.some((words) => words.test(said)) && !canWalkOut.some((words) => words.test(text))
}

/** Whether they say that the car or its doors do not work. */
export function saysBroken(text: string): boolean {
  return brokenCar.some((words) => words.test(text))
}
