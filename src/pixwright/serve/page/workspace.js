// What is open: a session of the server, its versions, and the one that is looked at. Everything else listens.
import { tell } from "./shared/dom.js";
import * as server from "./shared/server.js";

export const workspace = { session: null, name: "", versions: [], current: null, outcomes: new Map() };

const versionOf = id => workspace.versions.find(version => version.id === id) ?? null;
export const parentOf = version => version && versionOf(version.parent);
/** What a request of the server is about. */
export const here = () => ({ version: workspace.current.id });

/** Open a picture, or a saved session: it replaces what was open, whose session stays on the server. */
export async function openFile(file) {
  tell("reading", `Reading ${file.name || "the picture"}`);
  try {
    if (/\.pixwright$/i.test(file.name)) { take(await server.importSession(file), true); return; }
    const picture = await server.upload(file);
    if (picture.kind === "video" || picture.kind === "scene") { tell("film", { film: picture, name: file.name || picture.kind }); return; }
    if (picture.kind !== "picture") throw new server.Refused("That is a sound. Open a picture first, then attach the sound.");
    await openPicture(picture.id, file.name.replace(/\.[A-Za-z0-9]{1,5}$/, "") || "pasted");
  } finally { tell("reading", ""); }
}

/** Begin a session with a picture that the server has. */
export async function openPicture(picture, name) { take(await server.createSession(picture, name), true); }

/** The words that led from the first picture to the one that is looked at. */
export function instructions() {
  const said = [];
  for (let version = workspace.current; version?.instruction; version = parentOf(version)) said.unshift(version.instruction);
  return said;
}

/** Go on with a session that the address names. */
export async function resume(id) {
  tell("reading", "Opening the session");
  try { take(await server.session(id), true); }
  finally { tell("reading", ""); }
}

export async function refresh() { take(await server.session(workspace.session)); }
export async function goTo(version) { take(await server.moveTo(workspace.session, version)); }
export async function undoEdit() { if (canUndo()) take(await server.undo(workspace.session)); }
export async function redoEdit() { if (canRedo()) take(await server.redo(workspace.session)); }
export const canUndo = () => Boolean(workspace.current?.parent);
export const canRedo = () => workspace.versions.some(version => version.parent === workspace.current?.id);

function take(session, fresh = false) {
  const before = workspace.current?.id;
  Object.assign(workspace, { session: session.id, name: session.name, versions: session.versions });
  workspace.current = versionOf(session.current);
  if (fresh) {
    workspace.outcomes.clear();
    history.replaceState(null, "", `#${session.id}`);
    tell("opened", workspace.current);
  }
  tell("session", workspace);
  if (fresh || before !== workspace.current.id) tell("version", workspace.current);
  if (fresh) lookAhead();
}

let ahead = null;
/** What is looked at is about to be clicked on: the server looks at it while nobody asks for anything. At once for what was opened, for what came of it when the pointer comes. */
export function lookAhead() {
  if (ahead === workspace.current.id) return;
  ahead = workspace.current.id;
  server.lookAhead(here()).catch(() => {});
}
