// One edit on its way: what is being done, what was understood, how long it takes, and how it is stopped.
import { arrows, by, element, listen, say, show, tell, warn } from "../shared/dom.js";
import * as server from "../shared/server.js";
import { here, refresh, workspace } from "../workspace.js";
import { attachments } from "./attachments.js";

const TICK = 100;
let running = null;

export const isWorking = () => running !== null;

/** Ask for an edit of what is looked at, where it is marked. Nothing runs but by this. */
export const run = (instruction, marks, drawing) => work(async () => ({
  ...here(), instruction, session: workspace.session, attachments: attachments(), n: Number(by("count").value), ...await marks.forJob(here()), ...await drawing.forJob(),
}));

/** Ask for an edit again, with something else in it: other controls, another seed. */
export const runAgain = (request, changed) => work(async () => ({ ...request, n: 1, ...changed }));

const KEPT = "pixwright job";

/** A page that was loaded again goes on waiting for the job that the old one had started. */
export function reattach() {
  const { session, id, request } = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  return id && session === workspace.session ? work(async () => request, id) : undefined;
}

async function work(prepare, id) {
  if (running || !workspace.current) return;
  running = { began: performance.now(), id, stopped: false };
  appear();
  try {
    const request = await prepare();
    running.id ??= (await server.start(request)).id;
    sessionStorage.setItem(KEPT, JSON.stringify({ session: workspace.session, id: running.id, request }));
    if (running.stopped) await server.cancel(running.id);
    const last = await server.follow(running.id, progress);
    if (last.status === "failed") failed(last.error);
    else if (last.status === "cancelled") say("Cancelled. Nothing was changed.");
    else await finished(last, request);
  } catch (error) {
    warn(error.message, 0);
    say("It was not done.");
  } finally {
    sessionStorage.removeItem(KEPT);
    running = null;
    disappear();
  }
}

export async function stop() {
  if (!running) return;
  running.stopped = true;
  by("working-step").textContent = "Stopping";
  if (running.id) await server.cancel(running.id).catch(error => warn(error.message));
}

async function finished(record, request) {
  const pictures = (record.result?.pictures ?? []).map(picture => ({ ...picture, instruction: request.instruction, request }));
  for (const picture of pictures) if (picture.version) workspace.outcomes.set(picture.version, picture);
  await refresh();
  // Words that only move in the history ("undo the last one") make no picture.
  if (!pictures.length) warn((record.result?.told ?? ["Nothing was changed."]).join(" "), 6);
  tell("finished", { pictures });
}

function failed(error) {
  warn(error?.message ?? "The edit failed.", 0);
  say("It was not done.");
}

function progress(record) {
  const { progress: at, status, queue_position: place } = record;
  const steps = at?.steps ? `Step ${Math.min(at.step || 1, at.steps)} of ${at.steps}` : "";
  const what = status === "queued" ? (place ? `Waiting: ${place} before this` : "Waiting") : [steps, at?.what].filter(Boolean).join(": ") || "Reading the words";
  if (!running?.stopped && by("working-step").textContent !== what) by("working-step").textContent = what;
  by("working-plan").replaceChildren(...(record.understood ?? []).map(line => element("li", {}, arrows(line))));
  const bar = by("working-bar");
  if (at?.steps) { bar.max = at.steps; bar.value = Math.max(0, (at.step || 1) - 1); }
}

let clock = 0;
function appear() {
  by("working-step").textContent = "Starting";
  by("working-plan").replaceChildren();
  by("working-bar").value = 0;
  by("working-time").textContent = "";
  show(by("working"));
  by("go").disabled = true;
  clock = setInterval(() => { by("working-time").textContent = `${((performance.now() - running.began) / 1000).toFixed(1)} s`; }, TICK);
  tell("working", true);
}

function disappear() {
  clearInterval(clock);
  show(by("working"), false);
  by("go").disabled = false;
  tell("working", false);
}

export function watchWork() {
  by("cancel").addEventListener("click", stop);
  listen("opened", () => { if (running) stop(); });
}
