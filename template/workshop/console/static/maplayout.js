// Where the boxes and the edges of the map of services are, in pixels.

/** @import { Point } from "./vendor/dagre/dagre.js" */
/** @import { MapBox, MapEdge, ServiceMap } from "./types.js" */

import { Graph, layout } from "./vendor/dagre/dagre.js";

/**
 * @typedef {Point & {width: number, height: number}} Place
 * @typedef {MapBox & Place & {number: number, cut: string}} PlacedBox
 * @typedef {MapEdge & {path: string, tip: string, label: Point}} PlacedEdge
 * @typedef {{width: number, height: number, boxes: PlacedBox[], edges: PlacedEdge[], start: Place | null}} Picture
 */

const BOX_HEIGHT = 50;
const LABEL_HEIGHT = 50;
const START = "start";
/** The size of what stands for everything outside. */
const START_SIZE = { width: 66, height: 24 };
const TIP = 9;
const MARGIN = 10;
const PADDING = 16;
const MOST_LETTERS = 60;

/**
 * Callers are on the left of what they call. If it `isNarrow`, they are above it.
 * @param {ServiceMap} map
 * @param {boolean} isNarrow
 * @returns {Picture}
 */
export function arrange(map, isNarrow) {
  const size = isNarrow
    ? { box: 102, label: 76, letter: 8.4 }
    : { box: 158, label: 104, letter: 8.6 };
  const graph = new Graph({ directed: true, multigraph: true });
  graph.setGraph({
    rankdir: isNarrow ? "TB" : "LR",
    nodesep: isNarrow ? 10 : 26,
    edgesep: isNarrow ? 6 : 18,
    ranksep: isNarrow ? 22 : 34,
    marginx: MARGIN,
    marginy: MARGIN,
  });
  map.boxes.forEach((_, number) => {
    graph.setNode(String(number), { width: size.box, height: BOX_HEIGHT });
  });
  const fromOutside = map.edges.some(({ from }) => from === null);
  if (fromOutside) graph.setNode(START, { ...START_SIZE });
  map.edges.forEach((edge, number) => {
    const isShort = edge.kind === "spans";
    const label = { width: size.label, height: isShort ? 18 : LABEL_HEIGHT, labelpos: "c" };
    graph.setEdge(...endsOf(edge), label, String(number));
  });
  layout(graph);
  const { width, height } = graph.graph();
  return {
    width,
    height,
    boxes: map.boxes.map((box, number) => {
      const place = graph.node(String(number));
      return {
        ...box,
        ...place,
        number,
        cut: shortened(box.name, (size.box - PADDING) / size.letter),
      };
    }),
    edges: map.edges.map((edge, number) => {
      const { points, x, y } = graph.edge(...endsOf(edge), String(number));
      return { ...edge, ...line(points), label: { x, y } };
    }),
    start: fromOutside ? graph.node(START) : null,
  };
}

/**
 * @param {MapEdge} edge
 * @returns {[string, string]}
 */
function endsOf({ from, to }) {
  return [from === null ? START : String(from), String(to)];
}

/**
 * A smooth line through points, and the arrow at its end, as paths of SVG.
 * @param {Point[]} points
 */
function line(points) {
  const end = points[points.length - 1];
  const before = points[points.length - 2];
  const long = Math.hypot(end.x - before.x, end.y - before.y) || 1;
  const [x, y] = [(end.x - before.x) / long, (end.y - before.y) / long];
  const foot = { x: end.x - TIP * x, y: end.y - TIP * y };
  const all = [...points.slice(0, -1), foot];
  let path = `M${at(all[0])}`;
  for (let number = 1; number < all.length - 1; number += 1) {
    const [one, next] = [all[number], all[number + 1]];
    path += ` Q${at(one)} ${at({ x: (one.x + next.x) / 2, y: (one.y + next.y) / 2 })}`;
  }
  path += ` L${at(foot)}`;
  const side = { x: (-y * TIP) / 2, y: (x * TIP) / 2 };
  const left = { x: foot.x + side.x, y: foot.y + side.y };
  const right = { x: foot.x - side.x, y: foot.y - side.y };
  return { path, tip: `M${at(end)} L${at(left)} L${at(right)} Z` };
}

/** @param {Point} point */
function at({ x, y }) {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}

/**
 * A name that fits into a box. Of a long one, the beginning and the end stay: they tell names apart.
 * @param {string} name
 * @param {number} room in letters; wide ones, such as Chinese ones, take two
 */
export function shortened(name, room) {
  const letters = [...new Intl.Segmenter().segment(name.slice(0, MOST_LETTERS))];
  const isWhole = letters.reduce((sum, { segment }) => sum + widthOf(segment), 0) <= room;
  if (isWhole && name.length <= MOST_LETTERS) return name;
  const ends = [...new Intl.Segmenter().segment(name.slice(-MOST_LETTERS))].reverse();
  const head = fitting(letters, room * 0.6 - 1).join("");
  return `${head.trimEnd()}…${fitting(ends, room * 0.4)
    .reverse()
    .join("")
    .trimStart()}`;
}

/**
 * @param {Intl.SegmentData[]} letters
 * @param {number} room
 */
function fitting(letters, room) {
  let left = room;
  return letters
    .map(({ segment }) => segment)
    .filter((letter) => {
      left -= widthOf(letter);
      return left >= 0;
    });
}

/** @param {string} letter */
function widthOf(letter) {
  return /^[\u0020-\u024f]/.test(letter) ? 1 : 2;
}
