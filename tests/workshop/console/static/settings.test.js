// The commands that a page names, for the way in which this trainee runs the workshop.

import assert from "node:assert/strict";
import { test } from "node:test";

const MODULE = "../../../../template/workshop/console/static/settings.js";

/**
 * The module as a page loads it whose body has these data attributes.
 * @param {Record<string, string>} dataset
 * @returns {Promise<{command: (name: string) => string}>}
 */
async function loaded(dataset) {
  Object.assign(globalThis, { document: { body: { dataset } } });
  try {
    return await import(`${MODULE}?${JSON.stringify(dataset)}`);
  } finally {
    Reflect.deleteProperty(globalThis, "document");
  }
}

test("a page names the command that works for its reader", async () => {
  const local = (await loaded({})).command;
  const inDocker = (await loaded({ inDocker: "" })).command;
  /** @type {[string, string, string][]} */
  const named = [
    ["status", "workshop status", "docker compose exec console workshop status"],
    ["up", "workshop up", "docker compose up"],
    ["up --docker", "workshop up --docker", "docker compose up"],
    ["down", "workshop down", "docker compose down"],
    ["update", "workshop update", "docker compose exec console workshop update"],
  ];
  for (const [name, here, there] of named) {
    assert.equal(local(name), here);
    assert.equal(inDocker(name), there);
  }
});
