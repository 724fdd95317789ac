// Draws what has come out of experiments, and tells what is pointed at: lines over an axis (lab/lines.mjs)
// or a map of fields (lab/map.mjs), from a specification in plain data.
//
// A picture is one stop of the tab key: a list box, whose options are what can be pointed at. Of these only
// the one that is pointed at has an element, since there may be thousands.
//
// A specification says what is drawn, `label`, in one sentence, and what kind it is:
// - "lines", "curves" and "dots": `x`, {title, log, ticks, range}, where `ticks` are the words at 0, 1, 2, …
//   of categories; `y`, {title, log, percent, range}, where percent values are shares of 1; `series`, [{name,
//   colour, dashed, dots, joined, points}], with points [{id, x, low, median, high}] by x; `laws`, thin curves
//   [{colour, points}] of pairs; `predicted`, hollow dots [{id, x, y, error, colour}]. A `range` is [low, high],
//   or null: then it grows with what is drawn. A colour is the name of a custom property.
// - "map": `x` and `y`, {title, ticks}; `value`, {title, digits, better}, where lower, higher or neither is
//   better; `cells` as far as known, [{id, x, y, value}], with null as the value of runs that diverged.
// Numbers that are null are left out, and leave a gap; what has the id "" is drawn, and cannot be pointed at.
import { made } from "./lab/elements.mjs";
import { LinesPicture } from "./lab/lines.mjs";
import { MapPicture } from "./lab/map.mjs";

const MARK_PIXELS = 15; // around a point that is pointed at
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

// How far a place lies from what can be pointed at.
const distanceTo = ({ x, y, wide, high }, left, top) =>
  Math.hypot(Math.max(0, Math.abs(left - x) - wide / 2), Math.max(0, Math.abs(top - y) - high / 2));

const nearestTo = (spots, distance) =>
  spots.reduce((one, other) => (one && distance(one) <= distance(other) ? one : other), null);

class Figure {
  constructor(box) {
    this.box = box;
    this.at = ""; // the id of what is pointed at
    this.last = ""; // the same, also after nothing was
    this.stage = made("div", "lab-stage");
    this.mark = made("span", "lab-mark unpictured");
    this.options = made("div", "hidden"); // with the option that is chosen
    box.replaceChildren(this.stage, this.options);
    box.classList.add("lab-figure");
    box.tabIndex = 0;
    this.listen();
  }

  show(Plot, spec, point, press) {
    [this.spec, this.point, this.press] = [spec, point, press];
    const Kind = spec.kind === "map" ? MapPicture : LinesPicture;
    if (!(this.picture instanceof Kind)) {
      this.picture?.destroy();
      this.picture = new Kind(Plot, this.stage);
    }
    this.box.setAttribute("aria-label", spec.label);
    this.draw();
    this.box.setAttribute("role", this.spots.length ? "listbox" : "img"); // a list box has options
  }

  draw() {
    this.picture.draw(this.spec);
    this.place();
  }

  listen() {
    const { box } = this;
    const listeners = {
      pointerdown: ({ pointerType }) => {
        this.pressed = { isTouch: pointerType === "touch", before: this.at };
      },
      pointermove: (event) => event.pointerType === "touch" || this.pointAt(this.spotAt(event)?.id ?? ""),
      pointerleave: (event) => event.pointerType === "touch" || this.pointAt(""),
      click: (event) => this.click(event),
      keydown: (event) => this.walk(event),
      focus: () => box.matches(":focus-visible") && this.pointAt(this.remembered()?.id ?? ""),
      blur: () => this.pointAt(""),
    };
    for (const [kind, listener] of Object.entries(listeners)) box.addEventListener(kind, listener);
    const unlessGone = (act) => (box.isConnected ? act() : this.end());
    this.sizes = new ResizeObserver(() => unlessGone(() => this.draw()));
    this.sizes.observe(this.stage);
    this.themes = new MutationObserver(() => unlessGone(() => this.draw()));
    this.themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  // The element has left the page.
  end() {
    this.sizes.disconnect();
    this.themes.disconnect();
    this.picture.destroy();
    figures.delete(this.box);
  }

  get spots() {
    return this.picture.rows.flat();
  }

  // What a pointer is at.
  spotAt({ clientX, clientY }) {
    const box = this.picture.layer.getBoundingClientRect();
    const distance = (spot) => distanceTo(spot, clientX - box.left, clientY - box.top);
    const nearest = nearestTo(this.spots, distance);
    return nearest && distance(nearest) <= this.picture.reach ? nearest : null;
  }

  // A finger points first, then presses; a mouse is there already.
  click(event) {
    const id = this.spotAt(event)?.id ?? "";
    const { isTouch, before } = this.pressed ?? {};
    this.pointAt(id);
    if (id && !(isTouch && before !== id)) this.press(id);
  }

  walk(event) {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === "Enter" && this.at) this.press(this.at);
    else if (key === "Escape" && this.at) this.pointAt("");
    else {
      const next = this.next(key);
      if (!next) return;
      this.pointAt(next.id);
    }
    event.preventDefault();
  }

  // Where a key leads to from what was pointed at last: along a row, or to the nearest of the row beside.
  next(key) {
    const { rows } = this.picture;
    const row = rows.findIndex((spots) => spots.some(({ id }) => id === this.last));
    if (!(key in STEPS) && key !== "Home" && key !== "End") return null;
    if (row < 0 || !this.at) return this.remembered();
    const spots = rows[row];
    if (key === "Home") return spots[0];
    if (key === "End") return spots.at(-1);
    const place = spots.findIndex(({ id }) => id === this.last);
    const [down, along] = STEPS[key];
    if (!down) return spots[place + along] ?? spots[place];
    const beside = rows[row + down];
    return beside ? nearestTo(beside, ({ x }) => Math.abs(x - spots[place].x)) : spots[place];
  }

  // What was pointed at last, or what comes first.
  remembered() {
    const { spots } = this;
    return spots.find(({ id }) => id === this.last) ?? spots[0];
  }

  pointAt(id) {
    if (id === this.at) return;
    this.at = id;
    if (id) this.last = id;
    this.place();
    this.point(id);
  }

  // Puts the mark where what is pointed at lies now, and the option for screen readers into the list.
  place() {
    const { spots, at, mark, picture } = this;
    const place = spots.findIndex(({ id }) => id === at);
    if (at && place < 0) return this.pointAt("");
    mark.hidden = !at;
    this.box.classList.toggle("pointed", Boolean(at));
    if (!at) {
      this.box.removeAttribute("aria-activedescendant");
      return;
    }
    const { x, y, wide, high, say } = spots[place];
    const [width, height] = [wide, high].map((size) => `${size || MARK_PIXELS}px`);
    Object.assign(mark.style, { left: `${x}px`, top: `${y}px`, width, height });
    mark.classList.toggle("field", wide > 0);
    if (mark.parentElement !== picture.layer) picture.layer.append(mark);
    this.describe(say(), place + 1, spots.length);
  }

  // A screen reader says an option that is another element than before.
  describe(words, place, count) {
    const before = this.options.firstElementChild;
    const id = `lab-option-${place}`;
    if (before?.id === id && before.textContent === words) return;
    const option = made("span", "", words);
    option.id = id;
    option.setAttribute("role", "option");
    option.ariaSelected = "true";
    Object.assign(option, { ariaPosInSet: `${place}`, ariaSetSize: `${count}` });
    this.options.replaceChildren(option);
    this.box.setAttribute("aria-activedescendant", id);
  }
}

const figures = new WeakMap(); // by their boxes

// Draws a picture into `box`, an element whose size is the style sheet's, in place of the one before; again
// by itself when the box has another size or the page another theme.
//   Plot: uPlot's constructor
//   json: the specification
//   point(id): called with the id of what the pointer or the keyboard is at, "" for nothing
//   press(id): called when it is pressed
export const drawLab = (Plot, box, json, point, press) => {
  if (!figures.has(box)) figures.set(box, new Figure(box));
  figures.get(box).show(Plot, JSON.parse(json), point, press);
};
