// The color of each service. One picture uses as many different colors as there are.

const KNOWN = ["matchmaker", "taster", "redis", "sqlite", "requests", "timing.log"];
const COLORS = 12;

/**
 * A function that returns the CSS class with the color of a service.
 *
 * The same names get the same colors each time, and the workshop's own services have fixed colors.
 * If there are more services than colors, the colors repeat with stripes.
 * @param {string[]} names
 * @returns {(name: string) => string}
 */
export function palette(names) {
  /** @type {Map<string, string>} */
  const classes = new Map();
  /** @type {Set<number>} */
  const taken = new Set();
  /** @type {string[]} */
  const unknown = [];
  for (const name of new Set(names)) {
    const slot = KNOWN.indexOf(name);
    if (slot < 0) unknown.push(name);
    else take(name, slot);
  }
  for (const name of unknown.sort()) {
    let slot = preferred(name);
    if (taken.size % (2 * COLORS) >= COLORS) slot += COLORS;
    if (taken.size < 2 * COLORS) while (taken.has(slot)) slot = next(slot);
    take(name, slot);
  }

  /**
   * @param {string} name
   * @param {number} slot
   */
  function take(name, slot) {
    taken.add(slot);
    classes.set(name, `service-${slot % COLORS}${slot >= COLORS ? " again" : ""}`);
  }

  return (name) => classes.get(name) ?? `service-${preferred(name)}`;
}

/**
 * The next color. The plain ones come first.
 * @param {number} slot
 */
function next(slot) {
  return slot < COLORS ? (slot + 1) % COLORS : COLORS + ((slot + 1) % COLORS);
}

/**
 * A color that no service of the workshop uses, unless the name is one of these services.
 * @param {string} name
 */
function preferred(name) {
  const known = KNOWN.indexOf(name);
  if (known >= 0) return known;
  let sum = 0;
  for (const sign of name) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 9973;
  return KNOWN.length + (sum % (COLORS - KNOWN.length));
}
