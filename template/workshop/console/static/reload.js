// Loads the page again if one of its files didn't arrive. A browser gives up all its requests when the
// network changes, and Docker changes it whenever it starts containers. Pages have this inside, because
// any file may be what is missing.

(() => {
  const MOST = 4;
  const AFTER_MS = 500; // and each time twice as long, because Docker may take some seconds
  const KEY = "reloads";
  const reloads = Number(sessionStorage.getItem(KEY));
  let isMissing = false;

  addEventListener(
    "error",
    ({ target }) => {
      const isFile = target instanceof HTMLScriptElement || target instanceof HTMLLinkElement;
      if (!isFile || isMissing) return;
      isMissing = true;
      if (reloads >= MOST) return;
      sessionStorage.setItem(KEY, String(reloads + 1));
      setTimeout(() => location.reload(), AFTER_MS * 2 ** reloads);
    },
    true, // these events don't bubble
  );

  addEventListener("load", () => {
    if (!isMissing || reloads >= MOST) sessionStorage.removeItem(KEY);
    if (isMissing && reloads >= MOST) giveUp();
  });

  function giveUp() {
    const text = document.createElement("p");
    text.className = "trouble";
    text.setAttribute("role", "alert");
    text.textContent = "A part of this page didn't arrive. Reload the page to try again.";
    document.body.prepend(text);
  }
})();
