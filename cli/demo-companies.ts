import type { FleetDevice } from '../simulators/fleet.ts'

/* Who insures the demo's district and who maintains which of its elevators: invented, as are their people and figures. */

export const insurer = { id: 'hupan', type: 'insurer-inspector', name: '湖畔财险 (演示)' }

export interface Company {
  readonly id: string
  readonly name: string
  /** Which of the elevators, from 1 on. */
  readonly elevators: readonly number[]
  readonly crew: readonly string[]
  /** Of each elevator, in the months that stand in its books. */
  readonly faultsPerYear: number
  /** Of what its crews had come for, and was the same again soon. */
  readonly repeatShare: number
  readonly falseAlarmShare: number
  /** From and to, minutes. */
  readonly arrivalMinutes: readonly [number, number]
  /** From and to, of 100. */
  readonly inspectionScore: readonly [number, number]
}

/** The last one is worse than the first, and shows it; the second cannot be told from either in all. */
export const companies: readonly Company[] = [
  {
    ...{ id: 'anheng', name: '安恒电梯 (演示)', elevators: [1, 2, 5, 6, 9], crew: ['马超', '何兰'] },
    ...{ faultsPerYear: 1.5, repeatShare: 0, falseAlarmShare: 0.1 },
    ...{ arrivalMinutes: [8, 20], inspectionScore: [88, 98] },
  },
  {
    ...{ id: 'tongda', name: '通达电梯 (演示)', elevators: [4, 11, 12, 13], crew: ['林涛', '高洁'] },
    ...{ faultsPerYear: 4, repeatShare: 0.15, falseAlarmShare: 0.15 },
    ...{ arrivalMinutes: [10, 28], inspectionScore: [78, 92] },
  },
  {
    ...{ id: 'hongda', name: '宏达电梯 (演示)', elevators: [3, 7, 8, 10, 14], crew: ['罗军'] },
    ...{ faultsPerYear: 7, repeatShare: 0.3, falseAlarmShare: 0.1 },
    ...{ arrivalMinutes: [16, 48], inspectionScore: [64, 84] },
  },
]

export const elevatorsOf = (devices: readonly FleetDevice[]) => devices.filter(({ kind }) => kind === 'elevator')

/** The elevators that a company maintains. */
export function maintainedBy({ elevators }: Company, devices: readonly FleetDevice[]): FleetDevice[] {
  return elevatorsOf(devices).filter((_, index) => elevators.includes(index + 1))
}
