// For `tsc`: preact.js is this package.
export * from "preact";
