// For `tsc`: what uPlot.iife.min.js leaves behind.
interface Window {
  uPlot: typeof import("uplot");
}
