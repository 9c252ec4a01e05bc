// Loads the page again if one of its files didn't arrive. A browser gives up all its requests when the
// network changes, and Docker changes it whenever it starts containers. A module can't do this, because
// modules are what may be missing.

(() => {
  const MOST = 3;
  const AFTER_MS = 500;
  const KEY = "reloads";
  const reloads = Number(sessionStorage.getItem(KEY));
  let isAsked = false;

  addEventListener(
    "error",
    ({ target }) => {
      const isFile = target instanceof HTMLScriptElement || target instanceof HTMLLinkElement;
      if (!isFile || isAsked || reloads >= MOST) return;
      isAsked = true;
      sessionStorage.setItem(KEY, String(reloads + 1));
      setTimeout(() => location.reload(), AFTER_MS);
    },
    true, // these events don't bubble
  );
  addEventListener("load", () => isAsked || sessionStorage.removeItem(KEY));
})();
