// Traces and spans as the server sends them, made up.

/** @import { SentSpan, Summary, Trace } from "../../../../template/workshop/console/static/types.js" */

/**
 * @param {string} id
 * @param {string | null} parent
 * @param {Partial<SentSpan>} [fields]
 * @returns {SentSpan}
 */
export function sent(id, parent, fields = {}) {
  return {
    id,
    span_id: id,
    parent,
    folded_parent: parent,
    framework: false,
    name: id,
    service: "matchmaker",
    resource: id,
    start: 0,
    duration: 1,
    self: 1,
    folded_self: 1,
    error: false,
    message: "",
    stack: "",
    sql: "",
    tags: {},
    ...fields,
  };
}

/**
 * @param {Partial<Summary>} [fields]
 * @returns {Summary}
 */
export function summary(fields = {}) {
  return {
    id: "1",
    start: 0,
    duration: 10,
    root_start: 0,
    root_duration: 10,
    resource: "GET /pair/beer",
    service: "matchmaker",
    services: ["matchmaker"],
    more_services: 0,
    spans: 1,
    shown: 1,
    left_out: 0,
    parts: 1,
    missing: 0,
    error: false,
    message: "",
    status: "200",
    version: "step-8",
    url: "",
    note: "",
    tags: {},
    handmade: false,
    ...fields,
  };
}

/**
 * @param {SentSpan[]} all
 * @returns {Trace}
 */
export function trace(...all) {
  return {
    ...summary(),
    all,
    framework: all.filter((span) => span.framework).length,
    shares: [],
    folded_shares: [],
    notes: [],
    more_notes: 0,
    remarks: [],
  };
}
