// A video or a scene: it is looked at, a frame of it is edited as a picture, and then the whole of it is edited as a job of the server that outlives this page.
import { by, element, icon, listen, plural, say, show, warn } from "../shared/dom.js";
import { recall, remember } from "../shared/memory.js";
import * as server from "../shared/server.js";
import { VERDICTS } from "../outcome/outcome.js";
import { instructions, openPicture, workspace } from "../workspace.js";

/** Sessions whose picture is a frame of a video: session -> the film. What is remembered is what the dialog is opened with. */
const FRAMES = "frames of videos", RUNNING = "film that is edited";
const MOST = 20;

const filmOf = session => recall(FRAMES, {})[session] ?? null;

function rememberFrame(session, film) {
  const held = Object.entries(recall(FRAMES, {})).filter(([id]) => id !== session).slice(1 - MOST);
  remember(FRAMES, Object.fromEntries([...held, [session, film]]));
}

const address = film => film.kind === "video" ? `v1/pictures/${film.id}` : `v1/scenes/${film.id}/turntable`;
const factsOf = film => film.kind === "scene" ? plural(film.gaussians, "Gaussian")
  : [`${film.width}×${film.height}`, film.frames && plural(film.frames, "frame"), film.seconds && `${film.seconds.toFixed(1)} s`].filter(Boolean).join(", ");
const moving = (film, source, label) => film.kind === "video"
  ? element("video", { src: source, controls: true, ".muted": true, playsinline: true, preload: "auto", "aria-label": label })
  : element("img", { src: source, alt: label });

/** Views of a scene that one can point in, and how far the next side is. */
const VIEWS = 12, SIDES = 3;

const STAGES = { open: "Reading", follow: "Following", edit: "Editing", join: "Writing", write: "Writing", measure: "Measuring", ground: "Looking", judge: "Judging" };

/** "Editing: frame 40 of 120, 3.2 a second, about 25 s left". */
function told(record, film) {
  const at = record.progress;
  if (record.status === "queued") return record.queue_position ? `Waiting: ${record.queue_position} before this` : "Waiting";
  if (!at?.steps) return "Reading the words";
  const step = `${STAGES[at.stage] ?? "Working"}: ${film.kind === "video" ? "frame" : "step"} ${at.step} of ${at.steps}`;
  return [step, at.rate && `${at.rate.toFixed(1)} a second`, at.left && `about ${Math.ceil(at.left)} s left`].filter(Boolean).join(", ");
}

/** The dialog of one film. `words` are proposed, `job` is one that runs already. */
class FilmDialog {
  constructor(film, words, job) {
    this.film = film;
    const name = film.kind === "video" ? "video" : "scene";
    this.view = element("div", { class: "film" }, moving(film, address(film), `${film.name}, before`));
    this.which = element("div", { class: "actions", role: "group", "aria-label": "View", hidden: true });
    this.box = element("textarea", { id: "film-words", rows: 2, maxlength: 4000, ".value": words, placeholder: `What should change in the whole ${name}?`, "aria-label": `What should change in the whole ${name}` });
    this.status = element("p", { role: "status", id: "film-status" });
    this.bar = element("progress", { max: 1, value: 0, "aria-label": "How much is done" });
    this.outcome = element("div", { id: "film-outcome" });
    this.go = element("button", { type: "button", class: "main", id: "film-go", onclick: () => this.start() }, `Edit the whole ${name}`);
    this.stop = element("button", { type: "button", id: "film-stop", hidden: true, onclick: () => server.cancel(this.job).catch(error => warn(error.message)) }, "Stop");
    this.frame = film.kind === "video" ? element("button", { type: "button", id: "film-frame", onclick: () => this.take() }, "Edit this frame first") : null;
    this.point = film.kind === "scene" ? element("button", { type: "button", id: "film-point", onclick: () => this.aim() }, icon("select"), element("span", {}, "Point at a thing")) : null;
    this.save = element("a", { class: "button main", id: "film-save", hidden: true }, icon("download"), "Download");
    const shut = element("button", { type: "button", onclick: () => by("film").close() }, "Close");
    by("film").onclose = () => this.view.replaceChildren();
    by("film").replaceChildren(
      element("h2", { id: "film-title" }, film.name), element("p", { class: "quiet" }, factsOf(film)),
      this.view, this.which, this.box, this.bar, this.status, this.outcome, element("div", { class: "actions" }, shut, this.frame ?? "", this.point ?? "", this.stop, this.save, this.go));
    by("film").showModal();
    if (job) this.follow(job);
    else this.box.focus();
  }

  /** The frame that is looked at becomes the picture; what is done to it is proposed for the whole video afterwards. */
  async take() {
    const seconds = this.view.querySelector("video")?.currentTime ?? 0;
    this.frame.disabled = true;
    try {
      const picture = await server.frame(this.film.id, seconds);
      await openPicture(picture.id, `${this.film.name}, ${seconds.toFixed(1)} s`);
      rememberFrame(workspace.session, { ...this.film, at: seconds });
      offer();
      by("film").close();
    } catch (error) { warn(error.message); }
    this.frame.disabled = false;
  }

  /** A view that stands still instead of the turntable: a click in it says which thing is meant; again, another side. */
  aim() {
    this.film.view = this.film.view ? (this.film.view - 1 + SIDES) % VIEWS + 1 : 1;
    delete this.film.point;
    const mark = element("span", { class: "mark", hidden: true });
    const shown = element("img", { src: `v1/scenes/${this.film.id}/views/${this.film.view}`, alt: `${this.film.name}, side ${this.film.view}: click the thing that is meant`, draggable: "false" });
    const pointed = element("div", { class: "aim", onclick: event => {
      const box = shown.getBoundingClientRect();
      const share = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      if (share.some(one => one < 0 || one >= 1)) return;
      this.film.point = share;
      Object.assign(mark.style, { left: `${share[0] * 100}%`, top: `${share[1] * 100}%` });
      show(mark);
      this.said("This thing is meant");
      this.box.focus();
    } }, shown, mark);
    this.view.replaceChildren(pointed);
    this.point.lastChild.textContent = "Another side";
    this.said("Click the thing that is meant");
  }

  async start() {
    const instruction = this.box.value.trim();
    if (!instruction) { this.box.focus(); return; }
    this.working(true);
    try {
      const asked = { instruction, ...(this.film.at === undefined ? {} : { seconds: this.film.at }), ...(this.film.point ? { point: this.film.point, view: this.film.view } : {}) };
      const job = await server.start(asked, `v1/${this.film.kind}s/${this.film.id}/edits`);
      remember(RUNNING, { film: this.film, job: job.id, instruction });
      await this.follow(job.id);
    } catch (error) { this.said(error.message); this.working(false); }
  }

  async follow(job) {
    this.job = job;
    this.working(true);
    try {
      const last = await server.follow(job, record => {
        this.status.textContent = told(record, this.film);
        if (record.progress?.steps) { this.bar.max = record.progress.steps; this.bar.value = record.progress.step; }
      });
      if (last.status === "completed") this.finished(last.result.pictures);
      else this.said(last.status === "cancelled" ? "Stopped. Nothing was changed." : last.error?.message ?? "It was not done.");
    } catch (error) { this.said(error.message); }
    remember(RUNNING, null);
    this.working(false);
  }

  finished([result, turntable]) {
    this.bar.value = this.bar.max;
    const { icon: drawn, title } = VERDICTS[result.verdict];
    this.status.textContent = "";
    say(title);
    const outside = result.outside_changed ?? 0;
    const lines = [...(result.reasons ?? []), ...(result.notes ?? [])];
    if (result.url) lines.unshift(outside ? `Outside of the edit up to ${outside} of 255 changed` : this.film.kind === "video" ? "Before coding, 0 pixels changed outside of the edit" : "Nothing changed in what was not meant");
    this.outcome.replaceChildren(element("p", { class: `verdict ${result.verdict}` }, icon(drawn), element("strong", {}, title)), element("ul", {}, ...lines.map(line => element("li", {}, line))));
    if (!result.url) return;
    Object.assign(this.save, { href: `${result.url.slice(1)}?download=true`, download: result.name });
    show(this.save);
    const after = this.film.kind === "video" ? result.url.slice(1) : turntable.url.slice(1);
    const views = [["Before", address(this.film)], [this.film.kind === "video" ? "After" : "Before and after", after]].map(([label, source]) =>
      element("button", { type: "button", "aria-pressed": "false", onclick: event => this.look(event.currentTarget, label, source) }, label));
    this.which.replaceChildren(...views);
    show(this.which);
    views[1].click();
  }

  look(button, label, source) {
    for (const one of this.which.children) one.setAttribute("aria-pressed", String(one === button));
    this.view.replaceChildren(moving(this.film, source, `${this.film.name}, ${label.toLowerCase()}`));
  }

  said(words) { this.status.textContent = words; say(words); }

  working(yes) {
    this.box.disabled = yes;
    show(this.go, !yes);
    show(this.stop, yes);
    for (const one of [this.frame, this.point]) if (one) show(one, !yes);
  }
}

/** The button that goes from an edited frame back to its video. */
function offer() {
  const film = workspace.session && filmOf(workspace.session);
  show(by("film-open"), Boolean(film));
}

export function watchFilms() {
  listen("film", ({ film, name }) => new FilmDialog({ ...film, name }, ""));
  listen("session", offer);
  by("film-open").addEventListener("click", () => new FilmDialog(filmOf(workspace.session), instructions().join(" and then ")));
  const left = recall(RUNNING, null);
  if (left) new FilmDialog(left.film, left.instruction, left.job);
}
