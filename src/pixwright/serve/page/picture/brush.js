// Brush, eraser and protecting brush: strokes on the masks. What is marked runs nothing by itself.
const LEAST = 4, MOST = 200;

/** A tool's width in CSS pixels: zoomed in, a stroke is finer in the picture. */
export class Width {
  constructor(value) { this.value = value; }
  set(value) { this.value = Math.round(Math.min(MOST, Math.max(LEAST, value))); this.told?.(this.value); }
  larger() { this.set(Math.max(this.value + 2, this.value * 1.25)); }
  smaller() { this.set(Math.min(this.value - 2, this.value / 1.25)); }
}

/** The brushes' common one. */
export const width = new Width(40);

export class Brush {
  /** `kind`: brush, eraser or protect. Alt turns a brush into its eraser, as does a pen's other end. */
  constructor(stage, marks, kind) { Object.assign(this, { stage, marks, kind, last: null }); }

  get masks() {
    const { selection, protection } = this.marks;
    return this.kind === "brush" ? [selection] : this.kind === "protect" ? [protection] : [selection, protection];
  }

  hover(point) { this.#ring(point); }
  leave() { this.stage.ring = null; this.stage.draw(); }

  down(point, event) {
    this.erases = this.kind === "eraser" || event.altKey || Boolean(event.buttons & 32);
    this.marks.keep(...this.masks);
    this.stage.drawing = true;
    this.last = point;
    this.#stroke(point);
  }

  move(point) { if (this.last) this.#stroke(point); }

  up() {
    if (!this.last) return;
    this.last = null;
    this.stage.drawing = false;
    this.marks.changed(this.kind === "protect" ? this.marks.clicks : []);
  }

  /** A second finger came: it was no stroke. */
  cancel() {
    if (!this.last) return;
    this.last = null;
    this.stage.drawing = false;
    this.marks.past.abandon();
    this.marks.changed(this.marks.clicks);
  }

  /** For the keyboard: one round spot. */
  dab(point) { this.down(point, { altKey: false, buttons: 0 }); this.up(); }

  #stroke(point) {
    const size = width.value / this.stage.viewport.scale;
    for (const mask of this.masks) mask.stroke(this.last, point, size, this.erases);
    this.last = point;
    this.#ring(point);
  }

  #ring(point) {
    this.stage.ring = point.screen && !point.touch ? { ...point.screen, size: width.value } : null;
    this.stage.draw();
  }
}
