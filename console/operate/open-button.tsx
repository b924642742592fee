import { Button } from '../shared/components/button.tsx'
import { words } from './words.ts'

interface OpenButtonProps {
  /** What is opened. */
  readonly name: string
  readonly isOpen: boolean
  readonly onTurn: () => void
}

/** Opens one row of a list, and closes it again. */
export function OpenButton({ name, isOpen, onTurn }: OpenButtonProps) {
  const say = words()
  return (
    <Button label={isOpen ? say.closeOne(name) : say.openOne(name)} onClick={onTurn}>
      {isOpen ? say.close : say.open}
    </Button>
  )
}
