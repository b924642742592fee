import { expect, test } from 'vitest'
import { saysCarIsDangerous, saysHurt } from './in-danger.ts'

test.each([
  ...['轿厢内有人晕倒', '电梯里老人突然昏迷', '有人受伤，流了很多血', '孩子手被夹伤', '电梯门夹人了', '厨房有人触电'],
  ...['孕妇要生了', '里面的人喘不过气', '不是没有人受伤，是两个', '有没有人受伤不清楚', '里面老人怕是晕倒了'],
  ...['没人来，有人晕倒', '上周修过，现在有人晕倒', '有人不小心掉进井道', '门夹到人', '没有呼吸了'],
  ...['不小心夹伤了孩子', '爱人晕倒了', '情况异常有人受伤', '消防说有人晕倒', '开会时有人晕倒'],
  ...[
    '我朋友晕了',
    '乘客晕厥',
    '电梯门夹住老人',
    '电梯夹小孩',
    '老人在电梯里摔倒了',
    'an old lady has fallen in the lift',
  ],
  ...[
    'A man fainted in the lift',
    'She is unconscious',
    'my father is bleeding',
    'people are hurt',
    "he can't breathe",
  ],
  ...['The child was hit by the door', 'Someone fell into the shaft', 'Nobody comes and a woman has collapsed'],
  ...['一个工人坠井', '有人从井道掉下去了', 'Someone fell down the shaft', 'a worker fell into the pit'],
  ...['手夹在门里', '小孩手夹住了', '脚卡在门缝里', '门夹住了孩子的手', 'The child got his hand caught in the door'],
  ...['有人死了', '有人死亡', '电梯夹死人', 'A man has died in the lift', 'he is dead'],
  ...[
    '叫不醒',
    '没意识了',
    '失去意识',
    '意识不清',
    '里面的人没反应了',
    'a woman is unresponsive',
    'she stopped breathing',
  ],
  ...['my mother had a stroke', 'she had a seizure', 'he is having chest pain', 'a woman is in labour'],
  ...['胸痛', '哮喘发作', '羊水破了', '老人心脏病犯了', '突发心梗', '血流不止', '头破了', '乘客骨折'],
  ...['十分钟之前有人晕倒', '半小时以前有人晕倒', '之前报过没人来现在有人受伤', '昨天开始停梯今天有人受伤'],
  ...['This is not a drill: a man fainted', '不是演习有人晕倒', 'The exercise room: a man fainted'],
  ...['健身训练馆有人晕倒', '培训楼有人晕倒', 'Yesterday it stopped and now a man is injured', '曾先生晕倒'],
  ...['有人受伤，不是误报', '上次是误报，现在有人受伤', '可能有人受伤', 'not sure if anyone is injured'],
  ...['会议室老人晕倒', '早晚高峰有人晕倒', '没人管有人晕倒', 'Not trapped but injured', '没有反应，老人没呼吸了'],
  ...[
    '没有人发现老人晕倒',
    '太可怕了老人晕倒',
    '等一会老人晕倒了',
    '你们来之前有人晕倒',
    '他倒下了',
    '右手被门夹了',
    '孩子被夹住了',
  ],
  ...['He might be unconscious', 'I am afraid he is dead', 'She almost fainted', 'Before he fainted he called us'],
])('"%s" says that somebody is hurt', (words) => {
  expect(saysHurt(words)).toBe(true)
})

test.each([
  ...['没有人受伤', '无人晕倒', '无人员受伤', '未造成人员受伤', '没有人晕倒，只是停了', '没人被夹伤', '电梯没夹人'],
  ...['电梯门经常夹人', '关门太快容易夹人', '怕夹人', '差点夹伤孩子', '防夹人装置坏了', '有触电风险', '请避免触电'],
  ...['上周有人受伤，请检查', '困人晕倒应急演练', '钥匙掉进井道', '有人手机掉进井道', '坐电梯头晕', '按钮没反应'],
  ...['无人被困', '电梯停在3楼', '漏电隐患可能使人触电', '没有人摔倒', '地面湿滑容易摔倒', '夹层有人', '门夹到东西'],
  ...[
    'Nobody is hurt',
    'no one was injured',
    'No injuries',
    'They are not hurt',
    "She isn't hurt",
    '门会夹人',
    'Last week a man fainted here',
  ],
  ...['bleeding the valve', 'risk of electric shock', 'A trolley was hit by the door', 'a key fell into the shaft'],
  ...['Drill: a passenger fainted', 'The ceiling collapsed', 'none of the passengers is injured'],
  ...['nobody is trapped or injured', 'no-one inside is injured', 'not hurt or injured', 'not seriously injured'],
  ...[
    '未见受伤',
    '未发现人员受伤',
    '没有明显受伤',
    '没有人因此受伤',
    '无一人受伤',
    '没有老人摔倒',
    '没有孩子受伤',
    '无人员伤亡',
  ],
  ...['Electric shock risk: leakage 35 mA', 'electric shock protection tripped', '存在触电的可能', '有电击感'],
  ...['家里有心脏病老人要用电梯', '骨折病人下不了楼', '产妇临产要下楼', '异味让人窒息', '急死人了', '吓死人了'],
  ...['万一有人受伤', '要是有人受伤怎么办', '如果有人受伤谁负责', '早晚有人受伤', '可能导致人受伤', '这样会有人受伤的'],
  ...['担心里面的人晕倒', '上回有人受伤', '三天前有人受伤', 'might get electrocuted', 'nearly injured'],
  ...['if someone is hurt who pays', 'before someone gets hurt', 'no people have died', 'a history of heart attack'],
  ...['有人受伤，误报', 'A man is injured. Sorry, false alarm', '误报：有人受伤', 'Exercise: a man fainted'],
  ...[
    '扶手卡住了',
    '裤腿卡在门里',
    '没意识到电梯停了',
    'Gateway unresponsive',
    'bearing seizure',
    '怕手夹住',
    '按钮没反应了',
  ],
  ...['有人死活不走', '门卡死人出不来'],
  ...[
    '右手门卡住了',
    '没有孩子被门夹',
    '小哥被门夹了一下已经走了',
    '水龙头破了',
    'protection against electric shock',
    'no one inside the car is injured',
  ],
])('"%s" does not say so', (words) => {
  expect(saysHurt(words)).toBe(false)
})

test.each([
  ...[
    '电梯坠落',
    '电梯突然下坠',
    '轿厢急坠到底',
    '从5楼坠落',
    '电梯掉了三层',
    '电梯掉下去了',
    '坠梯',
    '电梯蹲底',
    '里面有人，突然下坠',
  ],
  ...['The lift fell', 'the elevator suddenly dropped two floors', 'Lift plunged with people', 'free fall of the car'],
  ...['电梯从10楼掉到1楼', '掉到负一楼', '电梯一直往下掉', '失控下坠', '溜车', '电梯开门走车', '坐电梯时突然下坠'],
  ...['今天电梯坠落，昨天也坠落过', 'lift fell but nobody is hurt', 'the lift moved with open doors'],
])('"%s" says that the car itself is a danger', (words) => {
  expect(saysCarIsDangerous(words)).toBe(true)
})

test.each([
  ...[
    '电梯没有坠落',
    '有坠落风险',
    '电梯吊顶坠落',
    '手机掉下去了',
    '电梯广告牌掉下来了',
    '冲顶试验',
    '坠落演练',
    '去年电梯坠落过',
  ],
  ...['电梯差点坠落', '防坠落装置', '电梯掉漆', '电梯没电'],
  ...['The elevator fell out of service', 'the lift dropped offline', 'elevator dropped from the network'],
  ...['The lift has not fallen', 'Yesterday the lift fell'],
  ...[
    '电梯坠落，是误报',
    '感觉电梯要坠落',
    '电梯有坠落感',
    '没有溜车',
    '防溜车装置',
    'The lift might have nearly dropped',
  ],
  ...['The lift has not moved with open doors', '手机从5楼掉到1楼', '如果电梯坠落怎么办'],
  ...['Free-fall test of the car', '防止溜车'],
])('"%s" does not say it of the car', (words) => {
  expect(saysCarIsDangerous(words)).toBe(false)
})
