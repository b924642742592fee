interface Title {
  readonly en: string
  readonly 'zh-CN': string
}

const elevator: Readonly<Record<string, Title>> = {
  entrapment: { en: 'Someone is trapped', 'zh-CN': '电梯困人' },
  'unintended-movement': { en: 'The car moved with its door open', 'zh-CN': '轿厢意外移动' },
  overspeed: { en: 'The car is too fast', 'zh-CN': '电梯超速' },
  'safety-circuit': { en: 'Safety circuit open while running', 'zh-CN': '运行中安全回路断开' },
  'stopped-outside-zone': { en: 'Stopped between floors', 'zh-CN': '非平层停梯' },
  'alarm-button': { en: 'Alarm button pressed', 'zh-CN': '轿厢报警按钮被按下' },
  'mains-lost': { en: 'Elevator without mains', 'zh-CN': '电梯失电' },
  'door-fault': { en: 'Door does not open or close', 'zh-CN': '开关门故障' },
  'door-lock-contact': { en: 'Door lock contact fails again and again', 'zh-CN': '门锁触点接触不良' },
  'door-close-drift': { en: 'Door closes more and more slowly', 'zh-CN': '关门逐渐变慢' },
  'door-reopens': { en: 'Door reopens too often', 'zh-CN': '频繁重复开门' },
  'levelling-drift': { en: 'Stops less and less level with the floor', 'zh-CN': '平层误差逐渐增大' },
  relevelling: { en: 'Re-levels too often', 'zh-CN': '频繁再平层' },
  'brake-drift': { en: 'Brake acts more and more slowly', 'zh-CN': '制动器动作逐渐变慢' },
  'stopping-distance': { en: 'Stopping distance too long', 'zh-CN': '制动距离过长' },
  'rope-slip': { en: 'Ropes slip on the sheave', 'zh-CN': '曳引钢丝绳打滑' },
  'vibration-zone': { en: 'Machine vibrates too much', 'zh-CN': '曳引机振动超限' },
  'vibration-drift': { en: 'Machine vibrates more and more', 'zh-CN': '曳引机振动逐渐增大' },
  'ride-vibration': { en: 'Rough ride', 'zh-CN': '轿厢运行振动过大' },
  'motor-over-temperature': { en: 'Motor too hot', 'zh-CN': '曳引机温度过高' },
  'motor-current-per-load': { en: 'Motor draws more current than this load needs', 'zh-CN': '同等载荷下电机电流偏大' },
  'machine-room-temperature': { en: 'Machine room too hot or too cold', 'zh-CN': '机房温度超出允许范围' },
  'cabinet-temperature': { en: 'Control cabinet too hot', 'zh-CN': '控制柜温度过高' },
  'run-time-limiter': { en: 'Run-time limiter acted', 'zh-CN': '电机运转时间限制器动作' },
  'fault-code': { en: 'The controller reports a fault', 'zh-CN': '控制系统报故障码' },
  'out-of-service': { en: 'Elevator out of service', 'zh-CN': '电梯停止服务' },
  'service-mode': { en: 'Somebody works on the elevator', 'zh-CN': '电梯检修或消防运行中' },
  'frozen-sensor': { en: 'A sensor of the elevator does not move', 'zh-CN': '电梯传感器读数不变' },
  silent: { en: 'Elevator is silent', 'zh-CN': '电梯数据中断' },
  'sensor-silent': { en: 'A sensor of the elevator is silent', 'zh-CN': '电梯传感器数据中断' },
  anomaly: { en: 'Elevator behaves unusually', 'zh-CN': '电梯运行数据异常' },
}

const electricityMeter: Readonly<Record<string, Title>> = {
  'residual-current': { en: 'Leakage current', 'zh-CN': '剩余电流（漏电）超限' },
  'terminal-over-temperature': { en: 'Terminal too hot', 'zh-CN': '接线端子温度过高' },
  'terminal-heating': { en: 'Terminal heats more than its load explains', 'zh-CN': '接线端子异常发热（疑似接触不良）' },
  'cable-over-temperature': { en: 'Cable too hot', 'zh-CN': '电缆温度过高' },
  overload: { en: 'Overload', 'zh-CN': '过载' },
  arc: { en: 'Arcing', 'zh-CN': '故障电弧' },
  'over-voltage': { en: 'Voltage too high', 'zh-CN': '电压过高' },
  'under-voltage': { en: 'Voltage too low', 'zh-CN': '电压过低' },
  'neutral-imbalance': { en: 'Line and neutral currents differ', 'zh-CN': '相线与零线电流不平衡' },
  'loose-neutral': { en: 'Loose neutral', 'zh-CN': '零线松脱' },
  'breaker-tripped': { en: 'Breaker tripped', 'zh-CN': '断路器跳闸' },
  outage: { en: 'No electricity', 'zh-CN': '停电' },
  'resistive-heavy-load': { en: 'Heavy resistive load', 'zh-CN': '大功率阻性负载' },
  'e-bike-charging': { en: 'Suspected e-bike charging indoors', 'zh-CN': '疑似室内电动自行车充电' },
  'night-load': { en: 'Unusual load at night', 'zh-CN': '夜间用电异常' },
  'vacant-use': { en: 'Electricity used in a vacant room', 'zh-CN': '空置房间用电' },
  'meter-frozen': { en: 'Meter does not count', 'zh-CN': '电表停走' },
  'energy-mismatch': { en: 'Counted energy does not match the power', 'zh-CN': '计量电量与功率不符' },
  'frozen-sensor': { en: 'A sensor of the meter does not move', 'zh-CN': '电表传感器读数不变' },
  silent: { en: 'Meter is silent', 'zh-CN': '电表数据中断' },
  'sensor-silent': { en: 'A sensor of the meter is silent', 'zh-CN': '电表传感器数据中断' },
  anomaly: { en: 'Unusual consumption', 'zh-CN': '用电数据异常' },
}

const maintenance: Readonly<Record<string, Title>> = {
  'half-month': { en: 'Half-monthly maintenance', 'zh-CN': '半月维保' },
  quarter: { en: 'Quarterly maintenance', 'zh-CN': '季度维保' },
  'half-year': { en: 'Half-yearly maintenance', 'zh-CN': '半年维保' },
  year: { en: 'Yearly maintenance', 'zh-CN': '年度维保' },
}

const groups = {
  elevator,
  'electricity-meter': electricityMeter,
  gateway: {
    silent: { en: 'Gateway is silent', 'zh-CN': '网关数据中断' },
    'clock-ahead': { en: 'Gateway clock is ahead', 'zh-CN': '网关时钟超前' },
  },
  maintenance,
}

/** What was found, as the field calls it, by the finding's id; one that is not here is told in the words of whoever found it. */
export function findingTitles(locale: keyof Title): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(groups).flatMap(([group, titles]) =>
      Object.entries(titles).map(([name, title]) => [`${group}/${name}`, title[locale]]),
    ),
  )
}
