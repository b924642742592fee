interface TickProps {
  readonly label: string
  readonly isOn: boolean
  readonly onTurn: () => void
}

/** One of several that are on or off. */
export function Tick({ label, isOn, onTurn }: TickProps) {
  return (
    <label class="tick">
      <input type="checkbox" class="tick-box" checked={isOn} onChange={onTurn} /> {label}
    </label>
  )
}

interface TicksProps<Item extends string | number> {
  readonly names: Readonly<Record<Item, string>>
  /** What there is, in the order in which it is shown. */
  readonly all: readonly Item[]
  readonly chosen: readonly Item[]
  readonly onChange: (chosen: Item[]) => void
}

/** Some of several; they stay in the order in which they are shown, behind them what is chosen and not shown here. */
export function Ticks<Item extends string | number>({ names, all, chosen, onChange }: TicksProps<Item>) {
  const notShown = chosen.filter((one) => !all.includes(one))
  const turned = (one: Item) => [...all.filter((other) => (other === one) !== chosen.includes(other)), ...notShown]
  return (
    <>
      {all.map((one) => (
        <Tick key={one} label={names[one]} isOn={chosen.includes(one)} onTurn={() => onChange(turned(one))} />
      ))}
    </>
  )
}
