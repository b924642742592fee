import { qrPath } from '../qr-code.ts'

/** Pixels of a module, where no style says another size. */
const unit = 4

/** A code for a camera: dark on light whatever the theme, for not every reader takes it the other way round. */
export function Qr({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, path } = qrPath(text)
  return (
    <svg
      role="img"
      aria-label={label}
      width={size * unit}
      height={size * unit}
      viewBox={`0 0 ${size} ${size}`}
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}
