// A second attempt at what the network lost.

const AFTER_MS = 500;

/**
 * Ask for something, and once more if the answer didn't arrive. A browser gives up all its requests
 * when the network changes, and Docker changes it whenever it starts containers. Not for a request
 * that does something: it might already have done it.
 * @template Answer
 * @param {() => Promise<Answer>} request
 * @returns {Promise<Answer>}
 */
export async function twice(request) {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // that's how a browser says that the network failed
    await new Promise((done) => setTimeout(done, AFTER_MS));
    return request();
  }
}
