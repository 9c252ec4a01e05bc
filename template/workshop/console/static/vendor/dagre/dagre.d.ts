// For `tsc`: what the map of services uses of dagre.js.
export type Point = { x: number; y: number };
export class Graph {
  constructor(options?: { directed?: boolean; multigraph?: boolean });
  setGraph(options: Record<string, unknown>): this;
  setNode(name: string, size: { width: number; height: number }): this;
  setEdge(from: string, to: string, label: Record<string, unknown>, name?: string): this;
  node(name: string): Point & { width: number; height: number };
  edge(from: string, to: string, name?: string): Point & { points: Point[] };
  graph(): { width: number; height: number };
}
export function layout(graph: Graph): void;
