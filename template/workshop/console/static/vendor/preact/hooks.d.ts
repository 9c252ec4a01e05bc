// For `tsc`: hooks.js is this package.
export * from "preact/hooks";
