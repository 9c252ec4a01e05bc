// Where the tools of a step belong among the text of its page.

/**
 * The page in two parts. The tools belong between them: after the first section that says what to
 * do, or else before the section about the check, or else after the text.
 * @param {string} html as the server made it from Markdown
 * @returns {[string, string]}
 */
export function splitPage(html) {
  const headings = [...html.matchAll(/<h2\b[^>]*>(.*?)<\/h2>|<section class="words">/gs)].filter(
    ({ index }) => isOutside(html.slice(0, index)),
  );
  const what = headings.findIndex(([, title = ""]) => /^Do\b/.test(title));
  const check = headings.findIndex(([, title = ""]) => title === "Check");
  const words = headings.findIndex(([, title]) => title === undefined);
  const at = what >= 0 ? what + 1 : check >= 0 ? check : words;
  const index = headings[at]?.index ?? html.length;
  return [html.slice(0, index), html.slice(index)];
}

/**
 * Whether a place is in no element that a page opens and closes around a heading.
 * @param {string} before everything before that place
 */
function isOutside(before) {
  return ["details", "section", "div", "blockquote"].every(
    (tag) => count(before, `<${tag}\\b`) === count(before, `</${tag}>`),
  );
}

/**
 * @param {string} text
 * @param {string} pattern
 */
function count(text, pattern) {
  return text.match(new RegExp(pattern, "g"))?.length ?? 0;
}
