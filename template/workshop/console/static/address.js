// Where the console is: at the top of its host, or below a path of a proxy, which only the browser knows.

const place = new URL("..", import.meta.url);

/** The path of the proxy, without a slash at its end. Empty at the top, and in a test without a browser. */
const root = place.protocol.startsWith("http") ? place.pathname.replace(/\/$/, "") : "";

/**
 * An address of the console as the browser needs it.
 * @param {string} path as the server knows it, such as `/traces?q=ipa`
 */
export const at = (path) => below(root, path);

/**
 * The path of an address as the server knows it, such as `/traces`. Null if it isn't the console's.
 * @param {string} pathname
 */
export const within = (pathname) => inside(root, pathname);

/**
 * @param {string} folder
 * @param {string} path
 */
export function below(folder, path) {
  return `${folder}${path}`;
}

/**
 * @param {string} folder
 * @param {string} pathname
 */
export function inside(folder, pathname) {
  if (pathname === folder) return "/";
  return pathname.startsWith(`${folder}/`) ? pathname.slice(folder.length) : null;
}

/** The page that the browser shows, as the server knows it. */
export const here = () => within(location.pathname) ?? "/";
