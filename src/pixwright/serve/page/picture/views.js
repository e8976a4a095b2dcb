// Before and after: slider, held key, and what differs. The bitmaps come from the server at the size that the screen needs.
import { by, press, say, show, tell, warn } from "../shared/dom.js";
import { address } from "../shared/server.js";
import { parentOf, workspace } from "../workspace.js";
import { SIDE } from "./marks.js";

/** Pixels of the longer side that are fetched when the picture is looked at closely. */
const FINE = 4096;
/** Screen pixels for each of the preview's, from which the finer one is fetched. */
const COARSE = 1.4;

async function bitmapOf(version, what, side) {
  // PNG: before and after must not differ by what a lossy format makes of them.
  const reply = await fetch(`${address(version.id, what, side)}${what === "preview" ? "&form=png" : ""}`);
  if (!reply.ok) throw new Error(`The picture could not be fetched (${reply.status}).`);
  return createImageBitmap(await reply.blob());
}

export class Views {
  constructor(stage) {
    this.stage = stage;
    this.finest = FINE;
    for (const button of document.querySelectorAll("[data-view]")) button.addEventListener("click", () => this.look(button.dataset.view));
    by("slider").addEventListener("input", () => this.divide(by("slider").valueAsNumber / 1000));
    const hold = by("hold");
    hold.addEventListener("pointerdown", event => { hold.setPointerCapture(event.pointerId); this.hold(true); });
    for (const end of ["pointerup", "pointercancel", "blur"]) hold.addEventListener(end, () => this.hold(false));
    hold.addEventListener("contextmenu", event => event.preventDefault());
    for (const [name, held] of [["keydown", true], ["keyup", false]]) hold.addEventListener(name, event => { if (event.key === " " || event.key === "Enter") { event.preventDefault(); this.hold(held); } });
  }

  /** Show a version; what it is compared with is the version that it was made from. */
  async show(version) {
    const parent = parentOf(version), { stage } = this;
    tell("reading", "Loading the picture");
    let after, before;
    try { [after, before] = await Promise.all([bitmapOf(version, "preview", SIDE), parent && bitmapOf(parent, "preview", SIDE)]); }
    finally { tell("reading", ""); }
    if (version.id !== workspace.current.id) return;
    Object.assign(stage, { after, before: before ?? null, difference: null, holding: false });
    this.finest = SIDE;
    show(by("views"), Boolean(parent));
    if (!parent || this.stage.view === "difference") this.look("after", false);
    this.shown = version.id;
    stage.draw();
  }

  get comparing() { return this.stage.view === "slide" && Boolean(this.stage.before); }

  async look(view, aloud = true) {
    const { stage } = this, version = workspace.current;
    if (!stage.before && view !== "after") return;
    stage.view = view;
    stage.lit = null;
    for (const button of document.querySelectorAll("[data-view]")) press(button, button.dataset.view === view);
    show(by("slider"), view === "slide");
    stage.draw();
    if (aloud) say({ after: "The result", slide: "Before and after, with a slider", difference: "What changed" }[view]);
    if (view !== "difference" || stage.difference) return;
    try {
      const difference = await bitmapOf(version, "difference", SIDE);
      if (version.id === workspace.current.id) { stage.difference = difference; stage.draw(); }
    } catch (error) { warn(error.message); }
  }

  toggle(view) { this.look(this.stage.view === view ? "after" : view); }

  hold(held) {
    if (!this.stage.before || this.stage.holding === held) return;
    this.stage.holding = held;
    press(by("hold"), held);
    this.stage.draw();
    say(held ? "Before" : "After");
  }

  divide(share) {
    this.stage.divide = Math.min(1, Math.max(0, share));
    by("slider").value = Math.round(this.stage.divide * 1000);
    by("slider").setAttribute("aria-valuetext", `${Math.round(this.stage.divide * 100)} % before`);
    this.stage.draw();
  }

  /** Looked at closely, a large picture is fetched again with more pixels. */
  async sharpen() {
    const { stage, stage: { viewport: { scale, picture } } } = this, version = workspace.current;
    const longer = Math.max(picture.width, picture.height);
    if (!version || this.finest >= Math.min(FINE, longer) || scale * longer * stage.dots < COARSE * this.finest) return;
    this.finest = FINE;
    try {
      const parent = parentOf(version);
      const [after, before] = await Promise.all([bitmapOf(version, "preview", FINE), parent && bitmapOf(parent, "preview", FINE)]);
      if (version.id === workspace.current.id) { Object.assign(stage, { after, before: before ?? null }); stage.draw(); }
    } catch { /* the coarser one stays */ }
  }
}

/** While comparing, the pointer moves the slider. */
export class SliderTool {
  constructor(views) { this.views = views; }
  #to(point) { this.views.divide(point.x / this.views.stage.viewport.picture.width); }
  down(point) { this.#to(point); }
  move(point) { this.#to(point); }
  up() {}
}
