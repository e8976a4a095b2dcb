// What is marked on the picture: the selection, what is protected, and how they came to be; undo and redo of both.
import { say, tell } from "../shared/dom.js";
import * as server from "../shared/server.js";
import { Mask, MaskHistory } from "./mask.js";

/** Pixels of a mask's longer side, at most: no larger than what is shown. */
export const SIDE = 1600;

export class Marks {
  constructor(stage) { this.stage = stage; this.reset(1, 1); }

  /** For a picture of this size; nothing is marked. */
  reset(width, height) {
    const scale = Math.min(1, SIDE / Math.max(width, height));
    const size = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)), scale];
    this.width = width; this.height = height;
    this.selection = new Mask(...size);
    this.protection = new Mask(...size);
    this.past = new MaskHistory();
    this.clicks = [];
    Object.assign(this.stage, { selection: this.selection, protection: this.protection, lit: null });
    this.changed();
  }

  /** The points that the selection is made of, where it is made of points alone: the server then knows it at full size. */
  get pure() { return this.clicks.length > 0; }

  keep(...masks) { this.past.keep(masks, this.clicks); }

  /** After anything has changed; `clicks` where the selection still is what they say. */
  changed(clicks = []) {
    this.clicks = clicks;
    this.selection.count();
    this.protection.count();
    this.stage.draw();
    tell("marks", this);
  }

  #step(step, words) {
    if (!step) return;
    this.changed(step.note);
    say(words);
  }

  undo() { this.#step(this.past.undo(this.clicks), "Mask: undone"); }
  redo() { this.#step(this.past.redo(this.clicks), "Mask: done again"); }

  invert() {
    this.keep(this.selection);
    this.selection.invert();
    this.changed();
    say("Selection inverted");
  }

  /** Something else says now where to edit. */
  deselect() {
    this.keep(this.selection);
    this.selection.clear();
    this.changed();
  }

  clear() {
    if (!this.selection.filled && !this.protection.filled) return;
    this.keep(this.selection, this.protection);
    this.selection.clear();
    this.protection.clear();
    this.changed();
    say("Selection cleared");
  }

  /** What a job needs to know of the marks: {region}, {mask} and {protect}, as far as there are any. */
  async forJob(where) {
    const asked = {};
    if (this.selection.filled) {
      if (this.pure) asked.region = this.clicks.length === 1 && this.clicks[0].region ? this.clicks[0].region : (await server.findRegion(where, { points: this.clicks.map(click => click.point) })).id;
      else asked.mask = (await server.upload(await this.selection.file(), "selection.png")).id;
    }
    if (this.protection.filled) asked.protect = (await server.upload(await this.protection.file(), "protected.png")).id;
    return asked;
  }
}
