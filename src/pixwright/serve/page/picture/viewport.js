// Where the picture lies on the screen: `scale` CSS pixels for each of its own, and the place of its corner. Arithmetic only.
const MOST = 32;
const LEAST_SEEN = 64;

export class Viewport {
  constructor() {
    this.scale = 1; this.x = 0; this.y = 0;
    this.width = 1; this.height = 1;
    this.picture = { width: 1, height: 1 };
    this.margins = { top: 0, right: 0, bottom: 0, left: 0 };
    this.fitted = true;
  }

  /** The scale at which the whole picture is seen; small pictures are not blown up beyond twice their size. */
  get fitting() {
    const { top, right, bottom, left } = this.margins;
    const wide = Math.max(50, this.width - left - right), tall = Math.max(50, this.height - top - bottom);
    return Math.min(wide / this.picture.width, tall / this.picture.height, 2);
  }

  show(width, height) { this.picture = { width, height }; this.fit(); }

  resize(width, height) {
    const dx = (width - this.width) / 2, dy = (height - this.height) / 2;
    this.width = width; this.height = height;
    if (this.fitted) this.fit();
    else this.pan(dx, dy);
  }

  fit() {
    const { top, right, bottom, left } = this.margins;
    this.scale = this.fitting;
    this.x = left + (this.width - left - right - this.picture.width * this.scale) / 2;
    this.y = top + (this.height - top - bottom - this.picture.height * this.scale) / 2;
    this.fitted = true;
  }

  /** Zoom so that what is at (x, y) of the screen stays there. */
  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const scale = Math.min(MOST, Math.max(Math.min(this.fitting, 1) / 4, this.scale * factor));
    const grown = scale / this.scale;
    this.x = x - (x - this.x) * grown;
    this.y = y - (y - this.y) * grown;
    this.scale = scale;
    this.fitted = false;
    this.keep();
  }

  pan(dx, dy) { this.x += dx; this.y += dy; this.fitted = false; this.keep(); }

  /** A bit of the picture always stays on the screen. */
  keep() {
    const wide = this.picture.width * this.scale, tall = this.picture.height * this.scale;
    const x = Math.min(LEAST_SEEN, wide), y = Math.min(LEAST_SEEN, tall);
    this.x = Math.min(this.width - x, Math.max(x - wide, this.x));
    this.y = Math.min(this.height - y, Math.max(y - tall, this.y));
  }

  toPicture(x, y) { return { x: (x - this.x) / this.scale, y: (y - this.y) / this.scale }; }
  toScreen(x, y) { return { x: x * this.scale + this.x, y: y * this.scale + this.y }; }
  holds({ x, y }) { return x >= 0 && y >= 0 && x < this.picture.width && y < this.picture.height; }
}
