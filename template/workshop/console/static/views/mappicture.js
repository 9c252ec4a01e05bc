// The picture of the map of services. Each box and each arrow is a link to its traces.

/** @import { Picture, Place, PlacedBox, PlacedEdge } from "../maplayout.js" */
/** @import { ServiceMap } from "../types.js" */

import { at } from "../address.js";
import { html, useEffect, useMemo, useState } from "../html.js";
import { edgeText, errorsOf, figuresOf, KINDS, linkOf } from "../mapwords.js";
import { palette } from "../palette.js";
import { twice } from "../twice.js";

/** @typedef {(map: ServiceMap, isNarrow: boolean) => Picture} Arrange */

const NARROW = "(max-width: 48rem)";
const LINE = 15;
const LETTER = 6.6;
const WIDEST_STROKE = 5;

/** @param {{map: ServiceMap, go: (url: string) => void}} props */
export function MapPicture({ map, go }) {
  const isNarrow = useIsNarrow();
  const arrange = useArrange();
  // New figures don't move anything, so only other boxes or arrows need another layout.
  const shape = JSON.stringify([
    map.boxes,
    map.edges.map(({ from, to, kind }) => [from, to, kind]),
  ]);
  const picture = useMemo(() => arrange?.(map, isNarrow), [shape, isNarrow, arrange]);
  const color = useMemo(() => palette(map.boxes.map(({ name }) => name)), [map]);
  if (!picture) return null;
  const { width, height, boxes, edges, start } = picture;

  /** @param {MouseEvent} event follow a link of the picture as the page follows other links */
  function click(event) {
    const link = /** @type {Element} */ (event.target).closest("a");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    go(link.getAttribute("href") ?? at("/traces"));
  }

  return html`<div class="map-picture" role="group" aria-label="Map of services" tabindex="0">
    <svg style=${{ maxWidth: `${width}px`, minWidth: `${0.8 * width}px` }} viewBox=${`0 0 ${width} ${height}`} onClick=${click}>
      ${edges.map((/** @type {PlacedEdge} */ placed, /** @type {number} */ at) => html`<${Edge} key=${`${placed.from} ${placed.to} ${placed.kind}`} edge=${{ ...placed, ...map.edges[at] }} map=${map} />`)}
      ${start && html`<${Start} ...${start} />`}
      ${boxes.map((/** @type {PlacedBox} */ box) => html`<${Box} key=${`${box.kind} ${box.name}`} box=${box} color=${color} />`)}
    </svg>
  </div>`;
}

/** @param {Place} props */
function Start({ x, y, width, height }) {
  return html`<g class="start">
    <rect x=${x - width / 2} y=${y - height / 2} width=${width} height=${height} rx=${height / 2} />
    <text x=${x} y=${y + 4}>outside</text>
  </g>`;
}

/** @param {{box: PlacedBox, color: (service: string) => string}} props */
function Box({ box, color }) {
  const { name, cut, kind, x, y, width, height } = box;
  const left = x - width / 2;
  const top = y - height / 2;
  return html`<a class=${`box ${kind.replace(" ", "-")} ${color(name)}`} href=${linkOf(box)} aria-label=${`${name}, ${KINDS[kind]}`}>
    <title>${`${name}, ${KINDS[kind]}`}</title>
    <rect x=${left} y=${top} width=${width} height=${height} rx="8" />
    <rect class="band" x=${left} y=${top + 8} width="4" height=${height - 16} />
    <text x=${x} y=${y - 3} class="name">${cut}</text>
    <text x=${x} y=${y + 15} class="kind">${KINDS[kind]}</text>
  </a>`;
}

/** @param {{edge: PlacedEdge, map: ServiceMap}} props */
function Edge({ edge, map }) {
  const { kind, path, tip, label } = edge;
  const errors = errorsOf(edge);
  const lines = [...figuresOf(edge), ...(errors ? [errors] : [])];
  const top = label.y - (lines.length * LINE) / 2;
  const wide = Math.max(...lines.map((one) => one.length)) * LETTER + 14;
  const text = edgeText(map, edge);
  const stroke = Math.min(WIDEST_STROKE, 1.5 + Math.log10(1 + edge.per_second) * 1.6);
  return html`<a class=${`edge ${kind} ${errors ? "failing" : ""}`} href=${linkOf(map.boxes[edge.to])} aria-label=${text}>
    <title>${text}</title>
    <path class="reach" d=${path} />
    <path class="line" d=${path} stroke-width=${stroke.toFixed(1)} />
    <path class="tip" d=${tip} />
    <rect x=${label.x - wide / 2} y=${top} width=${wide} height=${lines.length * LINE} />
    ${lines.map((one, number) => html`<text key=${number} class=${one === errors ? "bad" : ""} x=${label.x} y=${top + 11 + number * LINE}>${one}</text>`)}
  </a>`;
}

/** Whether the page is too narrow for a picture from left to right. */
function useIsNarrow() {
  const [isNarrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const media = matchMedia(NARROW);
    const change = () => setNarrow(media.matches);
    media.addEventListener("change", change);
    return () => media.removeEventListener("change", change);
  }, []);
  return isNarrow;
}

/** The function that arranges the picture. Only this view needs it, so it's loaded only here. */
function useArrange() {
  const [loaded, setLoaded] = useState(/** @type {{arrange: Arrange} | null} */ (null));
  useEffect(() => {
    let isWanted = true;
    twice(() => import("../maplayout.js")).then((module) => isWanted && setLoaded(module));
    return () => {
      isWanted = false;
    };
  }, []);
  return loaded?.arrange;
}
