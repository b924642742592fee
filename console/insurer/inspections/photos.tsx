import type { InspectionDetail } from '../wire-records.ts'
import { inspectionWords } from './inspection-words.ts'

interface PhotosProps {
  readonly inspectionId: string
  readonly photos: InspectionDetail['photos']
}

export function Photos({ inspectionId, photos }: PhotosProps) {
  if (photos.length === 0) return null
  return (
    <div class="inspection-photos">
      {photos.map(({ sha256, name }) => {
        const source = `/api/v1/quality/inspections/${inspectionId}/photos/${sha256}`
        return (
          <a key={sha256} href={source} target="_blank" rel="noreferrer">
            <img src={source} alt={inspectionWords().pictureOf(name)} loading="lazy" />
          </a>
        )
      })}
    </div>
  )
}
