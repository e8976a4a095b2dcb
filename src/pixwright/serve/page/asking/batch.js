// The same words for a folder of pictures: one after the other, a list of what became of each, and a ZIP of the results.
import { by, element, icon, plural, say } from "../shared/dom.js";
import * as server from "../shared/server.js";
import { VERDICTS } from "../outcome/outcome.js";
import { noteRecent } from "./saved.js";
import { words } from "./words.js";
import { Zip } from "./zip.js";

const FORGIVEN = /[\\:*?"<>|]/g;

/** One run over a folder. `heard(row)` is told of every change. */
class Batch {
  constructor(pictures, instruction, heard) {
    this.rows = pictures.map(({ file, path }) => ({ file, path, state: "waiting", reasons: [] }));
    this.instruction = instruction;
    this.heard = heard;
    this.zip = new Zip();
    this.stopped = false;
  }

  async run() {
    for (const row of this.rows) {
      if (this.stopped) break;
      this.#set(row, "working");
      try { await this.#edit(row); }
      catch (error) { this.#set(row, "failed", [error.message]); }
    }
    for (const row of this.rows) if (row.state === "waiting" || row.state === "working") this.#set(row, "skipped", ["stopped"]);
    const bad = this.rows.filter(row => !["done", "partly"].includes(row.state));
    if (bad.length) await this.zip.add("failures.txt", new Blob(bad.map(row => `${row.path}: ${row.state}: ${row.reasons.join("; ")}\n`)));
  }

  async #edit(row) {
    const picture = await server.upload(row.file);
    const job = await server.start({ picture: picture.id, instruction: this.instruction });
    this.job = job.id;
    if (this.stopped) await server.cancel(job.id);
    const last = await server.follow(job.id, () => {});
    this.job = null;
    if (last.status !== "completed") { this.#set(row, last.status === "cancelled" ? "skipped" : "failed", [last.error?.message ?? "stopped"]); return; }
    const result = last.result.pictures[0];
    if (result.verdict !== "not_done") {
      const reply = await fetch(result.url);
      if (!reply.ok) throw new Error(`the result could not be fetched (${reply.status})`);
      const ending = /\.[^.]*$/.exec(result.name ?? "")?.[0] ?? "";
      await this.zip.add(row.path.replace(FORGIVEN, "_").replace(/\.[^./]*$/, "") + (ending || /\.[^./]*$/.exec(row.path)?.[0] || ""), await reply.blob());
    }
    this.#set(row, result.verdict, result.reasons ?? []);
  }

  stop() { this.stopped = true; if (this.job) server.cancel(this.job).catch(() => {}); }

  #set(row, state, reasons = []) { Object.assign(row, { state, reasons }); this.heard(row); }
}

const STATES = { waiting: "Waiting", working: "Working", failed: "Failed", skipped: "Skipped", done: "Done", partly: "Partly done", not_done: "Not done" };

function line(row) {
  const drawn = VERDICTS[row.state]?.icon ?? (row.state === "failed" ? "not" : "same");
  return element("li", { class: row.state }, row.state === "working" ? element("span", { class: "spin", "aria-hidden": "true" }) : icon(drawn),
    element("span", { class: "name" }, row.path), element("span", { class: "quiet" }, STATES[row.state]),
    row.reasons.length ? element("span", { class: "why quiet" }, row.reasons.join("; ")) : null);
}

/** The dialog for pictures that were chosen or dropped: [{file, path}]. */
export function openBatch(pictures) {
  const dialog = by("batch"), lines = pictures.map(() => element("li"));
  let batch = null;
  const box = element("textarea", { id: "batch-words", rows: 2, maxlength: 4000, ".value": words(), placeholder: "What should change in every picture?", "aria-label": "What should change in every picture" });
  const list = element("ol", { class: "files", "aria-label": "Pictures" }, ...lines);
  const status = element("p", { role: "status", id: "batch-status" });
  const bar = element("progress", { max: pictures.length, value: 0, "aria-label": "Pictures done" });
  const go = element("button", { type: "button", class: "main", id: "batch-go" }, "Go");
  const stop = element("button", { type: "button", hidden: true, onclick: () => batch?.stop() }, "Stop");
  const save = element("a", { class: "button main", id: "batch-save", hidden: true }, icon("download"), "Download all (ZIP)");
  const shut = element("button", { type: "button", onclick: () => dialog.close() }, "Close");
  pictures.forEach((picture, index) => lines[index].replaceWith(lines[index] = line({ ...picture, state: "waiting", reasons: [] })));
  dialog.onclose = () => { batch?.stop(); if (save.href) URL.revokeObjectURL(save.href); };

  go.addEventListener("click", async () => {
    const instruction = box.value.trim();
    if (!instruction) { box.focus(); return; }
    noteRecent(instruction);
    box.disabled = true;
    go.hidden = true;
    stop.hidden = false;
    batch = new Batch(pictures, instruction, row => {
      const index = batch.rows.indexOf(row), ended = batch.rows.filter(one => !["waiting", "working"].includes(one.state)).length;
      lines[index].replaceWith(lines[index] = line(row));
      bar.value = ended;
      status.textContent = `${ended} of ${plural(pictures.length, "picture")}`;
      if (row.state === "working") lines[index].scrollIntoView({ block: "nearest" });
    });
    await batch.run();
    const count = state => batch.rows.filter(row => row.state === state).length;
    const good = count("done") + count("partly"), bad = pictures.length - good;
    status.textContent = `${plural(good, "picture")} edited${bad ? `, ${bad} not (see the list)` : ""}`;
    say(status.textContent);
    stop.hidden = true;
    if (batch.zip.count) {
      save.href = URL.createObjectURL(batch.zip.blob());
      save.download = "pixwright-results.zip";
      save.hidden = false;
    }
  });
  dialog.replaceChildren(
    element("h2", { id: "batch-title" }, `${plural(pictures.length, "picture")}, the same words`),
    ...(pictures.length ? [box, list, bar, status] : [element("p", {}, "There is no picture in this folder.")]),
    element("div", { class: "actions" }, shut, stop, save, ...(pictures.length ? [go] : [])));
  dialog.showModal();
  (pictures.length ? box : shut).focus();
}
