// Click to select: what is under the pointer lights up, a click takes it, Shift adds, Alt takes away; a dragged box takes what is in it.
import { percent, say, warn } from "../shared/dom.js";
import * as server from "../shared/server.js";
import { here, lookAhead, workspace } from "../workspace.js";
import { Mask, maskFrom } from "./mask.js";

/** Milliseconds that the pointer rests before the server is asked what lies under it. */
const PAUSE = 70;
/** CSS pixels within which two places are one. */
const NEAR = 3;
/** CSS pixels from which a drag is a box and not a click. */
const BOX = 8;
/** Things that are remembered as seen under the pointer. */
const KEPT = 24;
/** Share of the selection from which a thing is the selection, and not a part of it. */
const WHOLE = 0.9;

/** A region of the server as a mask that can be asked and shown; `point` is where it was clicked or pointed at. */
class Found {
  constructor(region, canvas, marks, point) {
    Object.assign(this, { region, point });
    this.mask = new Mask(marks.selection.width, marks.selection.height, marks.selection.scale);
    this.mask.combine(canvas, "only");
  }
}

export class Selecting {
  constructor(stage, marks) {
    Object.assign(this, { stage, marks, touchPans: true, rest: 0, seen: [], start: null });
  }

  forget() { this.leave(); this.seen = []; }

  async ask(what, signal) {
    const region = await server.findRegion(here(), what, signal);
    return new Found(region, await maskFrom(`${region.mask}?side=${Math.max(this.marks.selection.width, this.marks.selection.height)}`, signal), this.marks, what.points?.[0]);
  }

  /** What lies at a point, asked once for each place: a click waits for the look that the resting pointer began. */
  at(point) {
    const near = NEAR / this.stage.viewport.scale;
    const known = this.seen.find(one => Math.hypot(one.x - point.x, one.y - point.y) <= near);
    if (known) return known.found;
    const found = this.ask({ points: [[Math.floor(point.x), Math.floor(point.y), true]] });
    this.seen = [{ x: point.x, y: point.y, found }, ...this.seen].slice(0, KEPT);
    found.catch(() => { this.seen = this.seen.filter(one => one.found !== found); });
    return found;
  }

  hover(point) {
    clearTimeout(this.rest);
    if (!this.stage.viewport.holds(point)) { this.leave(); return; }
    this.last = point;
    lookAhead();
    this.rest = setTimeout(() => this.#light(point), PAUSE);
  }

  async #light(point) {
    if (this.asking) { this.again = point; return; }
    this.asking = true;
    try {
      const found = await this.at(point);
      // The pointer may have gone on while the server looked.
      if (this.last && !this.start && found.mask.at(this.last)) { this.lit = found; this.stage.lit = found.mask; this.stage.draw(); }
      else if (this.stage.lit && this.last && !this.stage.lit.at(this.last)) { this.stage.lit = null; this.stage.draw(); }
    } catch { /* a look that failed lights nothing; a click will say why */ }
    this.asking = false;
    const next = this.again;
    this.again = null;
    if (next && this.last && next !== point) this.#light(this.last);
  }

  leave() {
    clearTimeout(this.rest);
    this.last = this.again = null;
    if (this.stage.lit) { this.stage.lit = null; this.stage.draw(); }
  }

  down(point) { this.start = point; clearTimeout(this.rest); }

  move(point) {
    const far = Math.hypot(point.screen.x - this.start.screen.x, point.screen.y - this.start.screen.y) > BOX;
    if (far || this.stage.box) {
      const { width, height } = this.marks, within = (value, most) => Math.min(most, Math.max(0, Math.round(value)));
      this.stage.lit = null;
      this.stage.box = {
        x0: within(Math.min(this.start.x, point.x), width), y0: within(Math.min(this.start.y, point.y), height),
        x1: within(Math.max(this.start.x, point.x), width), y1: within(Math.max(this.start.y, point.y), height),
      };
      this.stage.draw();
    }
  }

  cancel() { this.start = this.stage.box = null; this.stage.draw(); }

  up(point, event) {
    const { start, stage: { box } } = this;
    this.cancel();
    if (!start) return;
    const how = event.shiftKey ? "add" : event.altKey ? "take" : "only";
    if (box) { if (box.x1 > box.x0 && box.y1 > box.y0) this.#take(this.ask({ box: [box.x0, box.y0, box.x1, box.y1] }), how, null); }
    else if (this.stage.viewport.holds(start)) this.click(start, how);
    else if (how === "only") this.marks.clear();
  }

  /** Take what is at a point: alone, with the rest, or away from it. What is lit there is what is taken. */
  async click(point, how) {
    const { lit } = this, seen = lit && this.stage.lit === lit.mask && lit.mask.at(point);
    await this.#take(seen ? lit : this.at(point), how, seen ? lit.point : [Math.floor(point.x), Math.floor(point.y), true]);
  }

  /** What words name: `how` as for a click. */
  words(phrase, how = "only") { return this.#take(this.ask({ phrase }), how, null); }

  async #take(asked, how, at) {
    const { marks } = this;
    this.stage.canvas.classList.add("looking");
    try {
      const found = await asked, { region } = found;
      if (!region.share) { warn(region.note || "Nothing was found there. Drag a box around it, or use the brush."); return; }
      let clicks = at && how === "only" ? [{ point: at, region: region.id }] : at && how === "add" && marks.pure ? [...marks.clicks, { point: at }] : [];
      let canvas = found.mask.canvas, way = how;
      if (how === "take" && at && marks.pure && region.share > WHOLE * marks.selection.share) {
        // Within one thing: the server is asked for the thing without that part of it.
        const points = [...marks.clicks.map(click => click.point), [at[0], at[1], false]];
        canvas = (await this.ask({ points })).mask.canvas;
        clicks = points.map(point => ({ point }));
        way = "only";
      }
      marks.keep(marks.selection);
      marks.selection.combine(canvas, way);
      this.stage.lit = null;
      marks.changed(clicks);
      say(`${{ only: "Selected", add: "Added", take: "Taken away" }[how]}: ${percent(marks.selection.share)} of the picture is selected`);
      if (region.guess && region.note) warn(region.note);
    } catch (error) {
      if (error.name !== "AbortError") warn(error.message);
    } finally {
      this.stage.canvas.classList.remove("looking");
    }
  }
}
