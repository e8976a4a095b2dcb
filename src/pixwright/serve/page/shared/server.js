// The server's native routes, one function each. What it refuses is thrown as `Refused`, with the server's own sentence.
import { wait } from "./dom.js";

export class Refused extends Error {
  constructor(message, status = 0, code = null) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

async function call(method, path, { json, form, signal, headers = {} } = {}) {
  const body = json === undefined ? form : JSON.stringify(json);
  if (json !== undefined) headers = { ...headers, "Content-Type": "application/json" };
  let reply;
  try {
    reply = await fetch(path, { method, body, headers, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused("The server cannot be reached. Is pixwright serve still running?");
  }
  const data = reply.status === 204 ? null : await reply.json().catch(() => null);
  if (!reply.ok) {
    const told = data?.error ?? {};
    const later = reply.headers.get("retry-after");
    const failure = new Refused(told.message ?? `The server answered ${reply.status}.`, reply.status, told.code);
    failure.after = later ? Number(later) : 1;
    throw failure;
  }
  return data;
}

export const capabilities = () => call("GET", "v1/capabilities");

export function upload(file, name = file.name, signal) {
  const form = new FormData();
  form.append("file", file, name || "picture");
  return call("POST", "v1/pictures", { form, signal });
}

/** What a video shows at a time, kept as a picture. */
export const frame = (video, seconds) => call("POST", `v1/videos/${video}/frames`, { json: { seconds } });

/** `where`: {picture} or {version}; `what`: {points}, {box} or {phrase}. The mask comes at `side` pixels of its longer side. */
export const findRegion = (where, what, signal) => call("POST", "v1/regions", { json: { ...where, ...what }, signal });
export const lookAhead = where => call("POST", "v1/regions/ahead", { json: where });
export const readPlan = (instruction, pointed, where, attachments, signal) => call("POST", "v1/plans", { json: { instruction, pointed, attachments, ...where }, signal });

export const createSession = (picture, name) => call("POST", "v1/sessions", { json: { picture, name } });
export const session = id => call("GET", `v1/sessions/${id}`);
export const sessions = () => call("GET", "v1/sessions");

/** What "Save the session" gave; it becomes a session of this server. */
export function importSession(file) {
  const form = new FormData();
  form.append("file", file, "session.pixwright");
  return call("POST", "v1/sessions/import", { form });
}

export const moveTo = (id, version) => call("PATCH", `v1/sessions/${id}`, { json: { current: version } });
export const undo = id => call("POST", `v1/sessions/${id}/undo`);
export const redo = id => call("POST", `v1/sessions/${id}/redo`);
export const rename = (version, name) => call("PATCH", `v1/versions/${version}`, { json: { name } });
export const discard = version => call("DELETE", `v1/versions/${version}`);
export const reportOf = version => call("GET", `v1/versions/${version}/report`);
export const address = (version, what, side) => `v1/versions/${version}/${what}${side ? `?side=${side}` : ""}`;

const PATIENCE = 60;

/** Start a job. The key makes a repeated post the same job: a lost answer, or a server that was full, never starts two. */
export async function start(job, path = "v1/jobs") {
  const headers = { "Idempotency-Key": crypto.randomUUID?.() ?? `${Math.random()}${performance.now()}` };
  for (let again = 0; ; again++) {
    try { return await call("POST", path, { json: job, headers }); }
    catch (error) {
      if (![0, 429].includes(error.status) || again > PATIENCE) throw error;
      await wait(error.after ?? 1);
    }
  }
}

export const cancel = id => call("POST", `v1/jobs/${id}/cancel`);
export const job = id => call("GET", `v1/jobs/${id}`);

const ENDED = new Set(["completed", "failed", "cancelled"]);

/** Follow a job by its events; where they break off, by asking. Resolves with the last record. */
export function follow(id, heard) {
  return new Promise((resolve, reject) => {
    const events = new EventSource(`v1/jobs/${id}/events`);
    const take = record => {
      heard(record);
      if (!ENDED.has(record.status)) return false;
      events.close();
      resolve(record);
      return true;
    };
    events.addEventListener("status", event => take(JSON.parse(event.data)));
    events.onerror = async () => {
      events.close();
      for (let missed = 0; ;) {
        try { if (take(await job(id))) return; missed = 0; }
        catch (error) { if (error.status === 404 || ++missed > PATIENCE) { reject(error); return; } }
        await wait(0.8);
      }
    };
  });
}
