// For `tsc`: htm.js is this package.
export { default } from "htm";
