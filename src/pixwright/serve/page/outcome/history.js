// The tree of versions: look at any, go on from any. Where a version has several children, the later ones are branches.
import { by, element, icon, iconButton, listen, warn } from "../shared/dom.js";
import * as server from "../shared/server.js";
import { goTo, refresh, workspace } from "../workspace.js";
import { VERDICTS } from "./outcome.js";

const THUMB = 112;
const DEEPEST = 6;

/** Versions in the order in which they are told: each line of descent as a run, branches set in. */
export function told(versions) {
  const children = new Map();
  for (const version of versions) children.set(version.parent, [...(children.get(version.parent) ?? []), version]);
  const rows = [], waiting = (children.get(null) ?? []).map(version => ({ version, depth: 0 }));
  while (waiting.length) {
    const { version, depth } = waiting.shift();
    rows.push({ version, depth });
    const [first, ...others] = children.get(version.id) ?? [];
    waiting.unshift(...others.map(other => ({ version: other, depth: depth + 1 })), ...(first ? [{ version: first, depth }] : []));
  }
  return rows;
}

const nameOf = version => version.name || version.instruction || "Original";

async function guarded(doing) { try { await doing(); } catch (error) { warn(error.message); } }

function renaming(version, row) {
  const box = element("input", { ".value": nameOf(version), maxlength: 120, "aria-label": "Name of this version" });
  let ended = false;
  const end = keep => {
    if (ended) return;
    ended = true;
    guarded(async () => { if (keep && box.value.trim()) await server.rename(version.id, box.value.trim()); await refresh(); });
  };
  box.addEventListener("keydown", event => { if (event.key === "Enter") end(true); if (event.key === "Escape") end(false); event.stopPropagation(); });
  box.addEventListener("blur", () => end(true));
  row.replaceChildren(box);
  box.focus();
  box.select();
}

function rowOf({ version, depth }) {
  const current = version.id === workspace.current.id, verdict = VERDICTS[version.verdict];
  const open = element("button", { type: "button", class: "version", "aria-current": current ? "true" : null, draggable: "true", onclick: () => guarded(() => goTo(version.id)) },
    element("img", { src: server.address(version.id, "preview", THUMB), alt: "", loading: "lazy", draggable: "false" }),
    element("span", { class: "name" }, nameOf(version)),
    verdict ? element("span", { class: `mark ${version.verdict}`, title: verdict.title }, icon(verdict.icon), element("span", { class: "hidden" }, verdict.title)) : null);
  open.addEventListener("dragstart", event => { event.dataTransfer.setData("application/x-pixwright-version", version.id); event.dataTransfer.effectAllowed = "copy"; });
  const row = element("li", { class: `depth-${Math.min(depth, DEEPEST)}`, "data-version": version.id }, open);
  if (current) {
    row.append(iconButton("pencil", `Rename: ${nameOf(version)}`, () => renaming(version, row)));
    if (version.parent) row.append(iconButton("clear", `Delete, with what was made from it: ${nameOf(version)}`, () => guarded(async () => { await goTo(version.parent); await server.discard(version.id); await refresh(); })));
  }
  return row;
}

export function watchHistory() {
  listen("session", ({ session, versions }) => {
    by("history").replaceChildren(
      element("h2", {}, "History"),
      element("ol", { class: "versions" }, ...told(versions).map(rowOf)),
      element("p", {}, element("a", { class: "plain", href: `v1/sessions/${session}/export`, download: "" }, "Save the session"), element("span", { class: "quiet" }, " as one file; drop it here to go on.")));
  });
}
