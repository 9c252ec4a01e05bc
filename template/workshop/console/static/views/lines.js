// Which lines of a tall picture are in the window.

import { ALL_AT_ONCE, linesInView } from "../drawn.js";
import { useLayoutEffect, useState } from "../html.js";

/**
 * The numbers of the lines to draw: the first, and the one after the last.
 * @param {number} count
 * @param {{current: HTMLElement | null}} body the element that contains them, as tall as all of them
 * @param {boolean} isSmall whether to draw all
 * @returns {[first: number, end: number]}
 */
export function useLines(count, body, isSmall) {
  const [range, setRange] = useState(
    /** @type {[number, number]} */ ([0, Math.min(count, ALL_AT_ONCE / 10)]),
  );
  useLayoutEffect(() => {
    if (isSmall) return;
    function look() {
      const box = body.current?.getBoundingClientRect();
      if (!box) return;
      const now = linesInView(count, box.height / Math.max(count, 1), -box.top, innerHeight);
      setRange((before) => (before[0] === now[0] && before[1] === now[1] ? before : now));
    }
    look();
    addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
    return () => {
      removeEventListener("scroll", look);
      removeEventListener("resize", look);
    };
  }, [count, isSmall]);
  return isSmall ? [0, count] : range;
}
