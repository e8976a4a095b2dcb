// Draws what is on the stage: picture, before and after, marks, and the pointer's ring. It decides nothing.
import { Viewport } from "./viewport.js";

const CHECK = 9;
const SHARP = 4;

function checks() {
  const tile = new OffscreenCanvas(2 * CHECK, 2 * CHECK), ink = tile.getContext("2d");
  ink.fillStyle = "#fff"; ink.fillRect(0, 0, 2 * CHECK, 2 * CHECK);
  ink.fillStyle = "#d4d4d4"; ink.fillRect(0, 0, CHECK, CHECK); ink.fillRect(CHECK, CHECK, CHECK, CHECK);
  return tile;
}

/** Stripes of white and black: marks of protection need no colour of their own. */
function stripes() {
  const tile = new OffscreenCanvas(12, 12), ink = tile.getContext("2d");
  ink.lineWidth = 3.2;
  for (const [colour, shift] of [["#000c", 0], ["#fffd", 6]]) {
    ink.strokeStyle = colour;
    for (const x of [-12, 0, 12]) { ink.beginPath(); ink.moveTo(x + shift - 2, 14); ink.lineTo(x + shift + 14, -2); ink.stroke(); }
  }
  return tile;
}

/** A mask as it is shown: filled, with a rim that is seen on any picture. */
class Mark {
  constructor(fill, strength) { this.fill = fill; this.strength = strength; this.seen = -1; }

  /** `quick`: a stroke is being drawn, and the rim waits for its end. */
  of(mask, quick) {
    const stamp = `${mask.changed}${quick}`;
    if (this.mask === mask && this.seen === stamp) return this.canvas;
    const { width, height } = mask;
    if (this.canvas?.width !== width || this.canvas?.height !== height) {
      this.canvas = new OffscreenCanvas(width, height);
      this.rim = new OffscreenCanvas(width, height);
    }
    this.mask = mask; this.seen = stamp;
    const ink = this.canvas.getContext("2d");
    ink.globalCompositeOperation = "copy";
    ink.drawImage(mask.canvas, 0, 0);
    ink.globalCompositeOperation = "source-in";
    ink.globalAlpha = this.strength;
    ink.fillStyle = typeof this.fill === "string" ? this.fill : ink.createPattern(this.fill(), "repeat");
    ink.fillRect(0, 0, width, height);
    ink.globalAlpha = 1;
    if (!quick) {
      ink.globalCompositeOperation = "source-over";
      const wide = Math.max(1, Math.round(Math.max(width, height) / 700));
      this.#rim(mask.canvas, 2 * wide, "#000a", ink);
      this.#rim(mask.canvas, wide, "#fff", ink);
    }
    return this.canvas;
  }

  #rim(mask, wide, colour, onto) {
    const ink = this.rim.getContext("2d"), { width, height } = this.rim;
    ink.globalCompositeOperation = "copy";
    ink.drawImage(mask, wide, 0);
    ink.globalCompositeOperation = "source-over";
    for (const [x, y] of [[-1, 0], [0, 1], [0, -1], [0.7, 0.7], [-0.7, 0.7], [0.7, -0.7], [-0.7, -0.7]]) ink.drawImage(mask, x * wide, y * wide);
    ink.globalCompositeOperation = "source-in";
    ink.fillStyle = colour;
    ink.fillRect(0, 0, width, height);
    ink.globalCompositeOperation = "destination-out";
    ink.drawImage(mask, 0, 0);
    onto.drawImage(this.rim, 0, 0);
  }
}

export class Stage {
  constructor(canvas) {
    this.canvas = canvas;
    this.ink = canvas.getContext("2d");
    this.viewport = new Viewport();
    this.before = this.after = this.difference = this.selection = this.protection = this.lit = this.box = this.ring = this.cross = this.markup = null;
    this.view = "after";
    this.holding = this.drawing = false;
    this.divide = 0.5;
    const accent = getComputedStyle(document.documentElement).getPropertyValue("--mark").trim();
    this.marks = { selection: new Mark(accent, 0.45), protection: new Mark(stripes, 0.75), lit: new Mark(accent, 0.28) };
    this.checks = this.ink.createPattern(checks(), "repeat");
    new ResizeObserver(() => this.resize()).observe(canvas);
    this.resize();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height) return;
    this.dots = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * this.dots);
    this.canvas.height = Math.round(height * this.dots);
    this.viewport.resize(width, height);
    this.paint();
    this.draw();
  }

  draw() { this.waiting ??= requestAnimationFrame(() => this.paint()); }

  /** What is compared is what was before and what came of it; while it is held, before alone. */
  paint() {
    if (this.waiting) cancelAnimationFrame(this.waiting);
    this.waiting = null;
    const { ink, viewport: { scale, x, y, picture, width, height } } = this;
    ink.setTransform(this.dots, 0, 0, this.dots, 0, 0);
    ink.clearRect(0, 0, width, height);
    if (!this.after) return;
    const frame = [x, y, picture.width * scale, picture.height * scale];
    ink.imageSmoothingEnabled = scale * picture.width < SHARP * this.after.width;
    ink.imageSmoothingQuality = "high";
    ink.fillStyle = this.checks;
    ink.fillRect(...frame);
    const view = this.before ? this.view : "after";
    if (this.holding && this.before) this.#whole(this.before, frame);
    else if (view === "difference" && this.difference) this.#changed(frame);
    else {
      this.#whole(this.after, frame);
      if (view === "slide") this.#left(frame);
    }
    if (view !== "slide" && !this.holding) this.#marks(frame);
    if (view === "slide" && !this.holding) this.#handle(frame);
    this.#pointer();
  }

  /** A picture of another size than the frame is shown whole within it. */
  #whole(bitmap, [x, y, width, height]) {
    const scale = Math.min(width / bitmap.width, height / bitmap.height);
    const wide = Math.abs(width - bitmap.width * scale) < 2 ? width : bitmap.width * scale;
    const tall = Math.abs(height - bitmap.height * scale) < 2 ? height : bitmap.height * scale;
    this.ink.drawImage(bitmap, x + (width - wide) / 2, y + (height - tall) / 2, wide, tall);
  }

  /** What changed, over a pale grey picture: so that it is seen where it is. */
  #changed(frame) {
    const { ink } = this;
    ink.filter = "grayscale(1) brightness(.75) contrast(.7)";
    this.#whole(this.after, frame);
    ink.filter = "none";
    this.#whole(this.difference, frame);
  }

  #left([x, y, width, height]) {
    const { ink } = this;
    ink.save();
    ink.beginPath();
    ink.rect(x, y, width * this.divide, height);
    ink.clip();
    ink.fillStyle = this.checks;
    ink.fillRect(x, y, width, height);
    this.#whole(this.before, [x, y, width, height]);
    ink.restore();
  }

  #handle([x, y, width, height]) {
    const { ink } = this, at = x + width * this.divide;
    const top = Math.max(y, 0), bottom = Math.min(y + height, this.viewport.height), middle = (top + bottom) / 2;
    ink.lineWidth = 4; ink.strokeStyle = "#0006";
    ink.beginPath(); ink.moveTo(at, top); ink.lineTo(at, bottom); ink.stroke();
    ink.lineWidth = 2; ink.strokeStyle = "#fff"; ink.stroke();
    ink.fillStyle = "#fff"; ink.strokeStyle = "#0006"; ink.lineWidth = 1;
    ink.beginPath(); ink.arc(at, middle, 17, 0, 7); ink.fill(); ink.stroke();
    ink.strokeStyle = "#222"; ink.lineWidth = 2; ink.lineCap = "round"; ink.lineJoin = "round";
    for (const way of [-1, 1]) { ink.beginPath(); ink.moveTo(at + way * 5, middle - 5); ink.lineTo(at + way * 10, middle); ink.lineTo(at + way * 5, middle + 5); ink.stroke(); }
    ink.font = "600 13px system-ui, sans-serif"; ink.textBaseline = "middle";
    for (const [word, side] of [["Before", -1], ["After", 1]]) {
      const wide = ink.measureText(word).width + 18, left = side < 0 ? at - 12 - wide : at + 12;
      ink.fillStyle = "#000a"; ink.beginPath(); ink.roundRect(left, bottom - 38, wide, 26, 13); ink.fill();
      ink.fillStyle = "#fff"; ink.fillText(word, left + 9, bottom - 25);
    }
  }

  #marks(frame) {
    for (const name of ["selection", "protection", "lit"]) {
      const mask = this[name];
      if (mask && (mask.filled || this.drawing)) this.ink.drawImage(this.marks[name].of(mask, this.drawing && name !== "lit"), ...frame);
    }
    if (this.markup?.filled) this.ink.drawImage(this.markup.shown(), ...frame);
  }

  #pointer() {
    const { ink } = this;
    const twice = path => { for (const [wide, colour] of [[3, "#0009"], [1.5, "#fff"]]) { ink.lineWidth = wide; ink.strokeStyle = colour; path(); } };
    if (this.ring) twice(() => { ink.beginPath(); ink.arc(this.ring.x, this.ring.y, Math.max(1, this.ring.size / 2), 0, 7); ink.stroke(); });
    if (this.cross) {
      const { x, y } = this.viewport.toScreen(this.cross.x, this.cross.y);
      twice(() => { ink.beginPath(); ink.moveTo(x - 14, y); ink.lineTo(x + 14, y); ink.moveTo(x, y - 14); ink.lineTo(x, y + 14); ink.stroke(); });
    }
    if (this.box) {
      const a = this.viewport.toScreen(this.box.x0, this.box.y0), b = this.viewport.toScreen(this.box.x1, this.box.y1);
      twice(() => ink.strokeRect(a.x, a.y, b.x - a.x, b.y - a.y));
    }
  }
}
