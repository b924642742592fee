const placesShown = 2

/**
 * What tells one elevator from another: the estate and the building in which it is, and its name; what its name says already stands once.
 * @param places from the widest to the nearest
 */
export function fullName(name: string, places: readonly string[]): string {
  const said = squeezed(name)
  return [...places.slice(-placesShown).filter((place) => !said.includes(squeezed(place))), name].join(' ')
}

const squeezed = (text: string) => text.replace(/\s/g, '')
