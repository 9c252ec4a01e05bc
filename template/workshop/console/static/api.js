// Requests to the console's server.

import { at } from "./address.js";
import { command } from "./settings.js";
import { twice } from "./twice.js";

/**
 * Request JSON, with a POST if there is a body. Throws an Error that says what is wrong and what to do.
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<any>}
 */
export async function ask(path, body) {
  const read = async () => {
    const answer = await send(path, body);
    return { ok: answer.ok, document: await answer.json() };
  };
  const { ok, document } = await arrived(body === undefined ? twice(read) : read());
  if (!ok) throw new Error([document.error, document.remedy].filter(Boolean).join(" "));
  return document;
}

/**
 * @param {string} path
 * @param {object} [body]
 */
function send(path, body) {
  if (body === undefined) return fetch(at(path));
  return fetch(at(path), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/**
 * @template Answer
 * @param {Promise<Answer>} answer
 */
async function arrived(answer) {
  try {
    return await answer;
  } catch {
    throw new Error(`The console isn't responding. Is \`${command("up")}\` still running?`);
  }
}

/**
 * Send a body, and call `onDocument` with each line of JSON as it arrives. Throws an Error as `ask` does.
 * @param {string} path
 * @param {object} body
 * @param {(document: any) => void} onDocument
 */
export async function follow(path, body, onDocument) {
  const answer = await arrived(send(path, body));
  if (!answer.ok || !answer.body) throw new Error((await answer.json()).error);
  const decoder = new TextDecoder();
  const reader = answer.body.getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + decoder.decode(value, { stream: !done })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onDocument(JSON.parse(line));
    if (done) return;
  }
}

/** @param {unknown} error the thrown value */
export function sentence(error) {
  return error instanceof Error ? error.message : String(error);
}
