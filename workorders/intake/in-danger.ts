import { further, personInChinese, personInEnglish } from './people-inside.ts'

/*
 * Somebody is hurt, or the car itself does what hurts: nobody is shut in by that, but whoever goes there goes now. What is denied, feared,
 * over, called off or only rehearsed says nothing of it. All words are unverified defaults.
 */

const anyOf = (...words: readonly string[]) => `(?:${words.join('|')})`
/** One part of a sentence ends, or begins. */
const cut = '[，。；！？,.;!?\\s]'

const soFar = anyOf(
  ...['还', '都', '也', '又', '已经?', '刚', '刚才', '现在', '今[天早晚]', '突然', '忽然', '一下子?', '一直', '直接'],
  ...['不小心', '好像', '疑似', '可能', '发生', '出现', '失控'],
)
const byNow = `${soFar}*`
const somebody = `(?:[老小大男女]?${personInChinese}[员子们]?)`

const unconscious = anyOf(
  ...['晕[倒厥]', '晕过去', '昏[倒厥迷]', '昏过去', '休克', '不省人事', '[叫喊]不醒', '没有?意识(?!到)', '失去意识'],
  ...['(?:意识|神志)(?:不清|模糊)', `(?:里[面边头]的?|老)${personInChinese}${byNow}没有?反应`],
)
const cannotBreathe = anyOf('没有?呼吸', '无法呼吸', '呼吸困难', '喘不[过上]气', '窒息', '人没气了')
const wounded = anyOf(
  ...['流血', '流了[很好许]多血', '血流', '出血', '吐血', '(?<![龙喷接插镜探])头破', '受伤', '伤亡'],
  ...['[摔砸夹压撞割烧烫]伤', '触电', '电击', `骨折(?=了|$|${cut})`, `摔${further}{0,2}骨折`],
)
const dead = anyOf(
  ...['死亡', '猝死', '身亡', '[夹压摔砸撞电]死了?人', '死了人', '(?<![要会得吓热烦急笑累气闷吵臭挤冷])死人了'],
  `${somebody}${byNow}死了`,
)
const illness = anyOf('心脏病', '心梗', '心绞痛', '中风', '脑梗', '脑溢血', '哮喘', '癫痫')
/** An illness that somebody lives with is a reason to call, and no danger of now. */
const attack = anyOf(
  ...[`突发${illness}`, `${illness}(?:又|突然)*(?:发作|犯了)`, '心脏骤停', '抽搐', '胸痛'],
  ...['羊水破', '要生了', '临产(?!的?(?:要|需|得|产妇|孕妇))'],
)
const limb = anyOf('(?<![扶把拉])手(?:指头?|臂|腕|掌)?', '胳膊', '(?<![地支底])脚(?:趾|踝)?', '(?<![裤桌支])腿')
const caught = anyOf(
  `夹[到住了着伤]*${somebody}`,
  `${somebody}${byNow}[被给](?:电梯|轿厢)?门?夹`,
  `${limb}${byNow}(?:[被给](?:电梯|轿厢)?门?${byNow})?(?:夹|卡[在住到进]|挤|轧)`,
  `夹[到住了着伤]+(?:${somebody}的?)?${limb}(?![机推提柄动套])`,
)
const hurtInChinese = anyOf(unconscious, cannotBreathe, wounded, dead, attack, caught)
const downInChinese = '(?:晕了|摔倒|摔了|倒下|倒在)'
const fallsInChinese = anyOf(
  ...['坠[落梯井]', '[下急]坠', '蹲底', '冲顶', '溜[梯车]', '掉层', '自由落体'],
  ...['开门走[车梯]', '开着门(?:走|跑|运行)'],
)
const inChinese = anyOf(hurtInChinese, downInChinese, fallsInChinese)

const anyone = anyOf(personInEnglish, 'workers?|technicians?|mechanics?|visitors?|students?|patients?|colleagues?')
const hurtInEnglish = anyOf(
  ...['faint(?:ed|ing)?', 'unconscious', 'unresponsive', 'hurt', 'injur(?:ed|ies|y)', 'bleeding', 'dead', 'died'],
  ...['collapsed', 'electrocuted', 'electric shock'],
)
const fallsInEnglish = '(?:fell|fallen|dropped|plunged)'
const inEnglish = anyOf(hurtInEnglish, fallsInEnglish)
/** Who might be unconscious seems to be; who might get hurt is not yet. */
const mayCome = anyOf('hurt', 'injured', 'electrocuted', fallsInEnglish)

const earlier = anyOf(
  ...['昨[天日晚]', '前[天日]', '上个?(?:周|月|次|回|星期)', '去年', '曾(?:经|有|被|发生|出现)'],
  '(?<!分钟?|小时|钟头|刻钟?|秒钟?|刚才?|[不多]久|[来到])[以之]前',
  '[\\d一二两三四五六七八九十几半]个?(?:天|周|星期|月|年)前(?!台)',
  '\\b(?:yesterday|last (?:week|month|year|time)|(?:days?|weeks?|months?|years?) ago)\\b',
)
const today = anyOf('今[天早晚]', '现在', '此刻', '刚[刚才]', '\\b(?:today|now)\\b')
const isEarlier = new RegExp(earlier, 'i')
const isToday = new RegExp(`^${today}`, 'i')
const beforeTimes = new RegExp(`(?=${earlier}|${today})`, 'i')

const rehearsed =
  /演[练习]|预案|(?:应急|救援|困人)培训|\b(?:drill|rehearsal|(?:rescue|emergency|training) (?:exercise|training))\b|^\s*exercise:/i
const notRehearsed = /(?:不是|并非|非)演[练习]|\b(?:not|no|isn['’]t) (?:a )?(?:drill|rehearsal)\b/gi
/** All that was told is, where it begins so; else what was told before these words. */
const calledOff = /^\s*(?:报警)?(?:已?解除|误报|false alarm)\s*[:：]/i
const calledOffBefore = anyOf(
  '(?<!不|不是|并非|可能|可能是|怀疑是?|别当成?)误报(?![吗么？?])',
  '(?<!\\b(?:not|no|maybe|possibly) (?:a )?)\\bfalse alarm\\b(?!\\?)',
)
const saidBeforeItWasCalledOff = new RegExp(`^.*${calledOffBefore}`, 'is')

/** Between a denial and what it denies. */
const ofWhom = `${anyOf(
  ...['任何', '其他', '再', '明显', '严重', '因此', '因为', '发生', '出现', '造成', '导致'],
  ...['一[个位名]?', '谁', somebody, '被', '的'],
)}*`
const habits = anyOf(
  ...['总是?', '经常', '老是', '老(?=夹)', '常常', '时常', '每次', '有时', '偶尔', '容易', '(?<!不)小心'],
  ...['(?<!消)防止?', '避免', '以免', '差一?点儿?', '险些'],
)
const conditions = anyOf(
  ...['万一', '要是', '如果', '假如', '一旦', '早晚(?!高峰)', '迟早', '担心', '(?<![恐可])怕(?!是)'],
  ...['有可能', '可能(?=会|导致|造成|使|引[起发])'],
)
const auxiliaries = 'is|are|was|were|be|been|being|has|have|had|gets?|got|getting'
const degrees = 'any|badly|seriously|severely|slightly|visibly|visible|further'
const nobody = '(?:nobody|no ?-?one|none(?: of \\w+(?: \\w+)?)?|no (?:people|persons?|passengers?))'
const somebodyThere = '(?:some(?:one|body)|any(?:one|body)|people|passengers?|he|she|they|we|i|an? \\w+|the \\w+)'

const denials: readonly RegExp[] = [
  // 有没有 asks whether, and without 呼吸 is no denial
  new RegExp(`(?:(?<!有|不是)(?:无|没有?)|未|(?<!是)不是(?!没))(?:发现|见|看到)?有?${ofWhom}${inChinese}`, 'g'),
  new RegExp(`${habits}${further}{0,3}${inChinese}`, 'g'),
  // another person is another sentence
  new RegExp(`${conditions}(?:会|再)?(?:有人)?(?:(?!有人|现在|已经|刚)${further}){0,6}?${inChinese}`, 'g'),
  new RegExp(`(?<![一开社协聚年晚宴委学工教商])会(?:再?有|[让使]|被|导致|造成)?${somebody}?${inChinese}`, 'g'),
  new RegExp(`${caught}${further}{0,3}(?:已经?|就)?(?:走了|没事|出来了)`, 'g'),
  new RegExp(`[让令]人(?:快|要|感到|觉得)*${cannotBreathe}`, 'g'),
  new RegExp(`${inChinese}的?(?:报警)?(?:风险|危险|隐患|可能|试验|测试|[保防]护|预警|装置|感(?!觉))`, 'g'),
  new RegExp(
    `(?:\\b(?:${nobody}|not|never|no|neither|without|(?:risks?|danger|hazard|fear|history) of|against)|n['’]t)` +
      `(?: (?:${auxiliaries}|${degrees}|inside(?: the \\w+)?|in the \\w+|trapped|stuck|n?or|${inEnglish}))* ${inEnglish}\\b`,
    'gi',
  ),
  new RegExp(`\\b(?:could|might|may|would|will|nearly|almost)(?: (?:be|gets?|got|${degrees}))* ${mayCome}\\b`, 'gi'),
  new RegExp(`\\bbefore (?:some|any)(?:one|body) (?:is|gets?) ${mayCome}\\b`, 'gi'),
  // "not sure if" asks whether
  new RegExp(
    `(?<!\\b(?:sure|knows?|clear|tell) )\\b(?:if|in case|unless|worried|fear)(?: that)?` +
      `(?: ${somebodyThere})?(?: (?:${auxiliaries}|${degrees}))* ${inEnglish}\\b`,
    'gi',
  ),
  new RegExp(
    `\\b(?:${hurtInEnglish}|free ?-?fall) (?:risk|hazard|danger|protect(?:ion|or)|warning|history|test)\\b`,
    'gi',
  ),
  /\bhistory of heart attacks?\b|\bheart attack (?:history|patient|survivor)\b/gi,
]

const doorsInEnglish = '(?:the )?(?:lift |elevator |car )?(?:doors?|gap)'
const doneInEnglish = anyOf(
  ...['bleeding', 'hurt', 'collapsed', 'fallen', 'fell (?:down|over)', 'dead', 'died', 'unresponsive', 'in labou?r'],
  `(?:hit|crushed|caught|struck|squeezed) (?:by|between|in) ${doorsInEnglish}`,
  '(?:fell|fallen) (?:down|in|into|through) (?:the )?(?:lift |elevator )?(?:shaft|pit|hoistway)',
  '(?:suffer(?:ed|ing)|had|having|has|have) (?:an? )?(?:heart attack|stroke|seizure|asthma attack)',
)
const plainInEnglish = anyOf(
  ...['faint(?:ed|ing)', 'unconscious', 'passed out', '(?:not|stopped|no longer) breathing', 'heart attack'],
  ...["(?:can ?not|can['’]t|does(?: not|n['’]t)) breathe", 'chest pains?', 'injured', 'electrocuted', 'electric shock'],
  'suffocat(?:ed|ing)',
)

const hurt: readonly RegExp[] = [
  new RegExp(hurtInChinese),
  new RegExp(`(?:${somebody}|[他她])${byNow}(?:在(?:电梯|轿厢)[里内中]?${byNow})?${downInChinese}`),
  new RegExp(`${somebody}${byNow}(?:掉|坠|摔|跌)[入进下到落]了?(?:电梯)?(?:井|底坑)`),
  new RegExp(`${somebody}${byNow}(?:从${further}{1,6})?(?:坠[井楼落]|[掉摔跌]下[去来])`),
  new RegExp(`\\b${plainInEnglish}\\b`, 'i'),
  new RegExp(`\\b${anyone}(?:['’](?:re|m|s|ve))?(?: (?:${auxiliaries}|am|just|${degrees}))* ${doneInEnglish}\\b`, 'i'),
  new RegExp(
    `\\b(?:hands?|fingers?|arms?|foot|feet|legs?)(?: (?:${auxiliaries}|still))* ` +
      `(?:caught|trapped|stuck|crushed|pinched|jammed) (?:in|by|between) ${doorsInEnglish}\\b`,
    'i',
  ),
]

const floorInChinese = '[负一二两三四五六七八九十几\\d]+[层楼]'
const carInEnglish = '(?:lift|elevator|car|cabin)(?: (?:has|had|just|suddenly|is|was))*'

const carIsDangerous: readonly RegExp[] = [
  new RegExp(
    `(?:^|${cut}|电梯|轿厢|(?:电梯|轿厢)(?:里|中|时|的时候)|从${further}{1,4}[楼层])` +
      `${byNow}(?:坠落|下坠|急坠|急速下[滑降]|往下掉)`,
  ),
  new RegExp(`(?:^|${cut}|电梯|轿厢)${byNow}(?:从${further}{1,4}[楼层]${byNow})?掉到(?:了?${floorInChinese}|底)`),
  /坠梯|蹲底|冲顶|溜[梯车]|掉层|自由落体|开门走[车梯]|开着门(?:走|跑|运行)/,
  new RegExp(`(?:电梯|轿厢)${byNow}掉(?:下[来去]|了?${floorInChinese})`),
  /\bfree ?-?fall/i,
  new RegExp(
    `\\b${carInEnglish} (?:fell|fallen|falling|dropped|plunged)(?=\\s*(?:$|[.,;!?])| ` +
      '(?:\\d|down|several|two|three|some|a few|with|and|but|to the|from (?:the )?(?:\\d|\\w+ floor)))',
    'i',
  ),
  new RegExp(
    `\\b${carInEnglish} (?:mov(?:ed|es|ing)|ran|runs|running|started|left) (?:off )?` +
      '(?:with|while) (?:the |its )?(?:open doors?|doors? (?:was |were |still )*open)\\b',
    'i',
  ),
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
  if (calledOff.test(text)) return ''
  const parts = text.replaceAll(notRehearsed, '…').split(/(?<=[，。；！？,.;!?\n])/)
  const stands = parts.map(partOfNow).join('').replace(saidBeforeItWasCalledOff, '')
  return denials.reduce((rest, denial) => rest.replaceAll(denial, '…'), stands)
}

/** What one part of a sentence says of today; all of it where it speaks of no other day. */
function partOfNow(part: string): string {
  if (rehearsed.test(part)) return ''
  if (!isEarlier.test(part)) return part
  return part
    .split(beforeTimes)
    .filter((times) => isToday.test(times))
    .join('')
}
