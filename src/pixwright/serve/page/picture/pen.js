// The pen: a drawing over the picture that points at what is meant, with an eraser and an undo of its own. It sets no limit.
import { say, tell } from "../shared/dom.js";
import * as server from "../shared/server.js";
import { Width } from "./brush.js";
import { SIDE } from "./marks.js";

/** The pen's width in CSS pixels. */
export const penWidth = new Width(7);
/** How much wider than the pen its eraser is. */
const RUBBER = 4;
/** Share of the pen's width by which a stroke's rim is wider, and its colour: so any colour is seen on any picture. */
const RIM = 0.5, SHADE = "#000a";
/** Opacity from which on something was drawn, of 255. */
const SEEN = 127;

/** Strokes over the picture, in its pixels: {colour (null erases), size, points}. A step of the history is a list of strokes. The colours are for people's eyes: the server reads the shapes. */
export class Drawing {
  constructor(stage) { this.stage = stage; this.reset(1, 1); }

  /** For a picture of this size; nothing is drawn. */
  reset(width, height) {
    this.scale = Math.min(1, SIDE / Math.max(width, height));
    this.canvas = new OffscreenCanvas(Math.max(1, Math.round(width * this.scale)), Math.max(1, Math.round(height * this.scale)));
    this.strokes = []; this.done = []; this.undone = [];
    this.stage.markup = this;
    this.#changed();
  }

  get filled() { return this.strokes.length > 0; }

  /** The canvas, as large as what is shown of the picture. */
  shown() {
    if (this.stale) this.#paint(this.canvas.getContext("2d"), true);
    this.stale = false;
    return this.canvas;
  }

  begin(stroke) {
    this.#keep();
    this.strokes = [...this.strokes, stroke];
    this.#stale();
  }

  /** The last stroke goes on. */
  on(point) {
    this.strokes.at(-1).points.push(point);
    this.#stale();
  }

  /** The last stroke was none. */
  abandon() { this.strokes = this.done.pop(); this.#changed(); }

  /** After a stroke has ended. Where all was erased, nothing is drawn. */
  end() {
    if (this.strokes.some(stroke => !stroke.colour) && this.#empty()) this.strokes = [];
    this.#changed();
  }

  undo() { this.#step(this.done, this.undone, "Drawing: undone"); }
  redo() { this.#step(this.undone, this.done, "Drawing: done again"); }

  clear() {
    if (!this.filled) return;
    this.#keep();
    this.strokes = [];
    this.#changed();
    say("Drawing cleared");
  }

  /** What a job needs to know of it: {markup}, if there is one; without the rims, which are there for the eye. */
  async forJob() {
    if (!this.filled) return {};
    const flat = new OffscreenCanvas(this.canvas.width, this.canvas.height);
    this.#paint(flat.getContext("2d"), false);
    return { markup: (await server.upload(await flat.convertToBlob({ type: "image/png" }), "drawing.png")).id };
  }

  #stale() { this.stale = true; this.stage.draw(); }
  #changed() { this.#stale(); tell("drawn", this); }
  #keep() { this.done.push(this.strokes); this.undone = []; }

  #step(from, to, words) {
    if (!from.length) return;
    to.push(this.strokes);
    this.strokes = from.pop();
    this.#changed();
    say(words);
  }

  #empty() {
    const { width, height } = this.canvas;
    return !this.shown().getContext("2d").getImageData(0, 0, width, height).data.some((value, at) => at % 4 === 3 && value > SEEN);
  }

  #paint(ink, rims) {
    ink.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const stroke of this.strokes) this.#ink(stroke, ink, rims);
  }

  #ink({ colour, size, points }, ink, rims) {
    ink.lineCap = ink.lineJoin = "round";
    ink.globalCompositeOperation = colour ? "source-over" : "destination-out";
    ink.beginPath();
    ink.moveTo(points[0].x * this.scale, points[0].y * this.scale);
    for (const { x, y } of points) ink.lineTo(x * this.scale + 0.01, y * this.scale);
    const wide = Math.max(1, size * this.scale);
    for (const [width, style] of [...(rims && colour ? [[wide * (1 + RIM), SHADE]] : []), [wide, colour ?? "#000"]]) {
      ink.lineWidth = width;
      ink.strokeStyle = style;
      ink.stroke();
    }
    ink.globalCompositeOperation = "source-over";
  }
}

/** The tool. Alt, a stylus's other end, and the button turn it into its eraser. */
export class Pen {
  /** `colour()` is the one that is chosen. */
  constructor(stage, drawing, colour) { Object.assign(this, { stage, drawing, colour, erasing: false, last: null }); }

  get width() { return penWidth.value * (this.erasing ? RUBBER : 1); }

  hover(point) { this.#ring(point); }
  leave() { this.stage.ring = null; this.stage.draw(); }

  down(point, event) {
    const erases = this.erasing || event.altKey || Boolean(event.buttons & 32);
    const size = penWidth.value * (erases ? RUBBER : 1) / this.stage.viewport.scale;
    this.drawing.begin({ colour: erases ? null : this.colour(), size, points: [{ x: point.x, y: point.y }] });
    this.last = point;
    this.#ring(point);
  }

  move(point) {
    if (!this.last) return;
    this.drawing.on({ x: point.x, y: point.y });
    this.#ring(point);
  }

  up(point) {
    if (!this.last) return;
    this.spot = point ?? this.last;
    this.last = null;
    this.drawing.end();
  }

  /** A second finger came: it was no stroke. */
  cancel() {
    if (!this.last) return;
    this.last = null;
    this.drawing.abandon();
  }

  /** For the keyboard: a spot, or with Shift a line from the last one. */
  dab(point, { shiftKey = false, altKey = false } = {}) {
    const from = shiftKey && this.spot ? this.spot : point;
    this.down(from, { altKey, buttons: 0 });
    if (from !== point) this.move(point);
    this.up(point);
    say(altKey || this.erasing ? "Erased" : from === point ? "A spot was drawn" : "A line was drawn");
  }

  forget() { this.spot = this.last = null; }

  #ring(point) {
    this.stage.ring = point.screen && !point.touch ? { ...point.screen, size: this.width } : null;
    this.stage.draw();
  }
}
