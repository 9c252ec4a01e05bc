// Which traces are wanted, and what is kept of those that come in.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  choices,
  countText,
  filtersIn,
  matcher,
  searchOf,
} from "../../../../template/workshop/console/static/filters.js";
import { live, newestFirst, take } from "../../../../template/workshop/console/static/live.js";
import { summary } from "./made.js";

const NONE = { text: "", service: "", resource: "", min: "", error: "" };

test("filters go into the address and come back", () => {
  assert.equal(searchOf(NONE), "");
  const some = { ...NONE, text: "a&b ü", min: "150", error: "1" };
  assert.deepEqual(filtersIn(searchOf(some)), some);
  assert.equal(searchOf({ ...NONE, text: "  " }), "");
  assert.deepEqual(filtersIn("?unknown=1"), NONE);
});

test("a trace has to match every filter", () => {
  const trace = summary({ tags: { beer: "porter" }, services: ["matchmaker", "taster"] });
  /** @param {Partial<typeof NONE>} filters */
  const matches = (filters) => matcher({ ...NONE, ...filters })(trace);
  assert.ok(matches({}));
  assert.ok(matches({ service: "taster" }));
  assert.ok(!matches({ service: "redis" }));
  assert.ok(!matches({ resource: "GET /beers" }));
  assert.ok(matches({ min: "10" }));
  assert.ok(!matches({ min: "11" }));
  assert.ok(matches({ min: "no number" }));
  assert.ok(!matches({ error: "1" }));
});

test("what is chosen stays a choice, also where nothing has it any more", () => {
  assert.deepEqual(choices(new Set(["b", "a"]), ""), ["a", "b"]);
  assert.deepEqual(choices(["b", "b"], "gone"), ["b", "gone"]);
});

test("the count says of how many", () => {
  assert.equal(countText(1, 1), "1 trace");
  assert.equal(countText(1, 30), "1 of 30 traces");
});

test("the newest thousand traces are kept, and an id that another took over goes", () => {
  const traces = Array.from({ length: 1200 }, (_, number) =>
    summary({ id: String(number), root_start: number }),
  );
  take({ traces, state: { step: 3 } });
  assert.equal(live.traces.size, 1000);
  assert.equal(newestFirst()[0].id, "1199");
  assert.ok(!live.traces.has("199"));
  assert.equal(live.state.step, 3);
  take({ traces: [summary({ id: "whole", formerly: ["1199"], root_start: 5000 })], state: null });
  assert.ok(!live.traces.has("1199"));
  assert.equal(newestFirst()[0].id, "whole");
  assert.equal(live.state.step, 3);
});
