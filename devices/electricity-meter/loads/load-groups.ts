/**
 * What a load is to the people responsible for a building: what it does to the wiring, and whether someone must be there. Narrower
 * classes than these can hardly be told apart from one-minute power alone.
 */
export const loadGroups = {
  'kitchen-heat': 'heats for minutes: kettle, toaster, coffee maker, microwave oven, hob',
  wash: 'heats water or air in a program: washing machine, dishwasher, dryer',
  cold: 'a compressor that comes and goes: refrigerator, freezer',
  screen: 'a screen or a computer: television, monitor, projector, PC, console',
  network: 'small and always on: router, switch, receiver, storage, printer',
  audio: 'an amplifier or a loudspeaker',
  light: 'a lamp',
  pump: 'a pump of a heating or solar system',
  other: 'none of these',
} as const

export type LoadGroup = keyof typeof loadGroups

/** The classes of the tracebase data set, in its spelling. */
const classes: Readonly<Record<LoadGroup, readonly string[]>> = {
  'kitchen-heat': [
    'BeanToCupCoffeemaker',
    'Breadcutter',
    'Coffeemaker',
    'Cookingstove',
    'MicrowaveOven',
    'Toaster',
    'WaterKettle',
  ],
  wash: ['Dishwasher', 'LaundryDryer', 'Washingmachine'],
  cold: ['Freezer', 'Refrigerator', 'WaterFountain'],
  screen: [
    'Monitor-CRT',
    'Monitor-TFT',
    'PC-Desktop',
    'PC-Laptop',
    'Playstation3',
    'Projector',
    'RemoteDesktop',
    'TV-CRT',
    'TV-LCD',
    'VideoProjector',
  ],
  network: ['DigitalTvReceiver', 'EthernetSwitch', 'Multimediacenter', 'Printer', 'Router', 'USBHarddrive', 'USBHub'],
  audio: ['Amplifier', 'Subwoofer'],
  light: ['Lamp'],
  pump: ['SolarThermalSystem'],
  other: [],
}

const groupOf = new Map(
  (Object.keys(loadGroups) as LoadGroup[]).flatMap((group) => classes[group].map((label) => [label, group] as const)),
)

export function groupOfLoad(label: string): LoadGroup {
  return groupOf.get(label) ?? 'other'
}
